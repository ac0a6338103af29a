/**
 * kube-proxy's own figures: TestNumberIptablesRules, and its metric sync_proxy_rules_iptables_total. They count the rules that stand in
 * KUBE- chains: not the jumps from the built-in chains, which kube-proxy keeps apart from its restores, and not the canaries, which
 * have none. So the nat table of a node without Services has 5 (KUBE-MARK-MASQ 1, KUBE-POSTROUTING 3, KUBE-SERVICES 1) and the filter
 * table 4 (KUBE-FORWARD 3, KUBE-FIREWALL 1). Each Service adds 2 (KUBE-SERVICES, and the masquerade rule of its KUBE-SVC, which needs
 * a way to tell Pods) and each endpoint 3 (one in KUBE-SVC, two in KUBE-SEP).
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compiled } from '../support/compiled.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { sliceObject } from '../support/objects.ts';
import { readRules } from '../support/rules-text.ts';

interface Counts {
  readonly nat: number;
  readonly filter: number;
}

function countRules(documents: readonly JsonObject[], options: Parameters<typeof compiled>[1] = {}): Counts {
  const [text = ''] = compiled(documents, { families: ['ipv4'], ...options }).texts;
  const own = readRules(text).filter((c) => c.name.startsWith('KUBE-'));
  const count = (table: string): number => own.filter((c) => c.table === table).reduce((n, c) => n + c.rules.length, 0);
  return { nat: count('nat'), filter: count('filter') };
}

const BALANCED: JsonObject = {
  type: 'LoadBalancer',
  externalIPs: ['1.2.3.4'],
  loadBalancerSourceRanges: [' 1.2.3.4/28'],
};

/** As kube-proxy's generateServiceEndpoints makes them; port numbers keep one external IP apart from the next. */
function cluster(services: number, endpointsEach: number, balanced = false): readonly JsonObject[] {
  return Array.from({ length: services }, (_, s) => {
    const service = { namespace: 'namespace', name: `svc${s}` };
    const nodePort = balanced ? { nodePort: 30_000 + s } : {};
    const endpoints = Array.from({ length: endpointsEach }, (_, e) => ({
      v4: `172.16.${e >> 8}.${e & 255}`,
      v6: '',
      conditions: {},
      nodeName: undefined,
      hints: undefined,
    }));
    return [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { ...service },
        spec: {
          clusterIP: `10.0.${s >> 8}.${s & 255}`,
          ports: [{ name: '8080', protocol: 'TCP', port: 80 + s, targetPort: 8080, ...nodePort }],
          ...(balanced ? BALANCED : {}),
        },
        status: balanced ? { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } : {},
      },
      sliceObject(service, service.name, 'IPv4', [{ name: '8080', port: 8080, protocol: 'TCP' }], endpoints),
    ] satisfies readonly JsonObject[];
  }).flat();
}

describe('rule counts', () => {
  for (const [services, endpointsEach, nat, filter] of [
    [0, 0, 5, 4],
    [1, 0, 5, 5],
    [1, 1, 10, 4],
    [1, 2, 13, 4],
    [1, 10, 37, 4],
    [10, 0, 5, 14],
    [10, 1, 55, 4],
    [10, 2, 85, 4],
    [10, 10, 325, 4],
  ] as const) {
    it(`are kube-proxy's for ${services} ClusterIP Services with ${endpointsEach} endpoints each`, () => {
      assert.deepEqual(countRules(cluster(services, endpointsEach)), { nat, filter });
    });
  }

  /**
   * The load balancers of that test, whose fake kernel has nfacct. Besides 2 + 3E in nat: one rule each for the external IP and the
   * load balancer IP, two for the nodePort (the first counts localhost traffic), two in KUBE-FW and two in KUBE-EXT.
   */
  for (const [services, endpointsEach, nat, filter] of [
    [1, 0, 5, 8],
    [10, 0, 5, 44],
    [1, 1, 18, 5],
    [1, 10, 45, 5],
    [10, 10, 405, 14],
  ] as const) {
    it(`are kube-proxy's for ${services} load balancers with ${endpointsEach} endpoints each`, () => {
      assert.deepEqual(countRules(cluster(services, endpointsEach, true), { nfacct: true }), { nat, filter });
    });
  }

  it('of ClusterIP Services are 5 + S * (2 + 3E) in nat and 4 in filter', () => {
    holds(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 60 }), (services, endpointsEach) => {
        const counts = countRules(cluster(services, endpointsEach));
        assert.deepEqual(counts, { nat: 5 + services * (2 + 3 * endpointsEach), filter: 4 });
      }),
      { runs: 15, examples: [[30, 40]] },
    );
  });
});
