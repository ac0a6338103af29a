// Real connections through virtual servers, in both families: who answers, how evenly, and as whom the endpoints see the client.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientAddresses, NODE, OUTSIDE, type Family } from '../../scripts/lab/addresses.ts';
import type { Outcome, Probe } from '../../scripts/lab/probe.ts';
import { printVirtualServers } from '../../src/core/compile/print-ipvs.ts';
import {
  CLIENT,
  clusterIp,
  clusterObjects,
  FAMILIES,
  loadBalancerIp,
  nodePort,
  SERVICE_PORT,
  WEB,
  type ServiceSpec,
} from '../kernel/support/cluster.ts';
import { countByServer, kinds, masqueraded } from '../kernel/support/findings.ts';
import { FAMILY_NAMES } from '../kernel/support/kernel-lab.ts';
import { ProbeBatch } from '../kernel/support/probe-batch.ts';
import { runChainsmith } from '../kernel/support/run-chainsmith.ts';
import { CLIENTS, compileForIpvs, HOST_PORT, loadIpvs, replaceVirtualServers, useIpvsLab } from './support/ipvs-lab.ts';

const EXTERNAL = { ipv4: '198.51.100.200', ipv6: '2001:db8:dddd::200' };
const TCP: ServiceSpec = { name: 'tcp', number: 1, endpoints: WEB, spec: { externalIPs: Object.values(EXTERNAL) } };
const UDP: ServiceSpec = { name: 'udp', number: 2, endpoints: WEB, protocol: 'UDP' };
const OUTER: ServiceSpec = { name: 'outer', number: 3, endpoints: WEB, spec: { externalTrafficPolicy: 'Local' } };
const INNER: ServiceSpec = { name: 'inner', number: 4, endpoints: WEB, spec: { internalTrafficPolicy: 'Local' } };
const ALONE: ServiceSpec = { name: 'alone', number: 5, endpoints: [WEB[0]] };
const NOBODY: ServiceSpec = { name: 'nobody', number: 6, endpoints: [] };
const NOBODY_UDP: ServiceSpec = { name: 'nobody-udp', number: 7, endpoints: [], protocol: 'UDP' };
/** The first seven client addresses of each family. */
const GUARDED: ServiceSpec = {
  name: 'guarded',
  number: 8,
  endpoints: WEB,
  spec: { loadBalancerSourceRanges: ['203.0.113.0/29', '2001:db8:cccc::/125'] },
};
const STICKY: ServiceSpec = {
  name: 'sticky',
  number: 9,
  endpoints: WEB,
  spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } },
};
/** No endpoint is on this node. */
const FAR: ServiceSpec = {
  name: 'far',
  number: 10,
  endpoints: [WEB[2]],
  spec: { externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local' },
};
const SERVICES = [TCP, UDP, OUTER, INNER, ALONE, NOBODY, NOBODY_UDP, GUARDED, STICKY, FAR];

type Host = 'client' | 'web-1' | 'node' | 'outside';
type To = 'clusterIP' | 'nodePort' | 'external IP' | 'load balancer IP';

const NAMES = WEB.map(({ name }) => name);
const HERE = WEB.filter(({ node }) => node === 'a').map(({ name }) => name);
/** A multiple of every number of endpoints, so that rr leaves nothing over. */
const COUNT = 6;

interface Way {
  readonly from: Host;
  readonly service: ServiceSpec;
  readonly to: To;
  readonly endpoints: readonly string[];
  readonly masquerade: boolean;
}

/** Where this differs from the iptables mode, semantics of both say so: a policy Local without endpoints here falls back to all. */
const WAYS: readonly Way[] = (
  [
    ['client', TCP, 'clusterIP', NAMES, false],
    ['node', TCP, 'clusterIP', NAMES, true],
    ['outside', TCP, 'clusterIP', NAMES, true],
    ['client', TCP, 'nodePort', NAMES, true],
    ['node', TCP, 'nodePort', NAMES, true],
    ['outside', TCP, 'nodePort', NAMES, true],
    ['outside', TCP, 'external IP', NAMES, true],
    ['client', TCP, 'load balancer IP', NAMES, true],
    ['outside', TCP, 'load balancer IP', NAMES, true],
    ['client', UDP, 'clusterIP', NAMES, false],
    ['node', UDP, 'clusterIP', NAMES, true],
    ['outside', UDP, 'nodePort', NAMES, true],
    ['outside', UDP, 'load balancer IP', NAMES, true],
    ['client', OUTER, 'clusterIP', NAMES, false],
    ['outside', OUTER, 'nodePort', HERE, false],
    ['outside', OUTER, 'load balancer IP', HERE, false],
    ['client', OUTER, 'load balancer IP', HERE, false],
    ['client', INNER, 'clusterIP', HERE, false],
    ['node', INNER, 'clusterIP', HERE, true],
    ['outside', INNER, 'nodePort', NAMES, true],
    ['client', FAR, 'clusterIP', ['web-3'], false],
    ['client', FAR, 'load balancer IP', ['web-3'], false],
    ['web-1', ALONE, 'clusterIP', ['web-1'], true],
    ['web-1', ALONE, 'nodePort', ['web-1'], true],
    ['web-1', ALONE, 'load balancer IP', ['web-1'], true],
    ['client', GUARDED, 'clusterIP', NAMES, false],
    ['outside', GUARDED, 'nodePort', NAMES, true],
  ] as const
).map(([from, service, to, endpoints, masquerade]) => ({ from, service, to, endpoints, masquerade }));

function target(service: ServiceSpec, to: To, family: Family): Pick<Probe, 'protocol' | 'host' | 'port'> {
  const protocol = service.protocol === 'UDP' ? 'udp' : 'tcp';
  if (to === 'nodePort') return { protocol, host: NODE[family], port: nodePort(service) };
  const address = {
    clusterIP: clusterIp(service),
    'external IP': EXTERNAL,
    'load balancer IP': loadBalancerIp(service),
  }[to];
  return { protocol, host: address[family], port: SERVICE_PORT };
}

/** Who the endpoint sees if nothing is masqueraded; what the node sends, which comes from the address that it goes to, always is. */
function sourceOf(from: Host, family: Family): string {
  return { client: CLIENT.address, 'web-1': WEB[0].address, node: NODE, outside: OUTSIDE }[from][family];
}

const TIMEOUT_MS = 5000;
/** Those who get no answer wait so long. */
const PATIENCE_MS = 1000;

function servers(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map((outcome) => (outcome.kind === 'answered' ? outcome.server : outcome.kind));
}

function probe(at: Pick<Probe, 'protocol' | 'host' | 'port'>, count: number, more: Partial<Probe> = {}): Probe {
  return { ...at, count, timeoutMs: TIMEOUT_MS, giveUpAfter: count, ...more };
}

describe('traffic through virtual servers', function () {
  this.timeout(120_000);
  const { lab } = useIpvsLab();
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-traffic-'));
  after(() => rmSync(folder, { recursive: true }));

  /** What it prints, with single blanks. */
  async function conntrack(services: readonly ServiceSpec[], status: number): Promise<string> {
    const input = join(folder, 'cluster.json');
    writeFileSync(input, JSON.stringify({ kind: 'List', apiVersion: 'v1', items: clusterObjects(services) }));
    const args = ['-f', input, '--node', 'node-a', '--proxy-mode', 'ipvs', '--netns', lab().namespaceOf('node')];
    const ended = await runChainsmith(['conntrack', ...args], {});
    assert.equal(ended.status, status, ended.out + ended.err);
    return ended.out.replaceAll(/ +/g, ' ');
  }

  describe('by rr', () => {
    const batch = new ProbeBatch();
    before(async () => {
      await loadIpvs(lab(), SERVICES);
      await batch.run(lab());
    });
    for (const family of FAMILIES) describe(FAMILY_NAMES[family], () => roundRobin(batch, family));

    it('is tracked as chainsmith conntrack expects it', async () => {
      const fresh = new ProbeBatch();
      for (const family of FAMILIES) fresh.add('client', probe(target(UDP, 'clusterIP', family), COUNT));
      await fresh.run(lab());
      assert.match(await conntrack(SERVICES, 0), /^nothing is stale among \d{2,} connections over UDP$/m);
      const without = SERVICES.map((service) => (service === UDP ? { ...UDP, endpoints: [WEB[2]] } : service));
      const stale = await conntrack(without, 2);
      for (const { address } of [WEB[0], WEB[1]]) {
        for (const [vip, endpoint] of [
          [clusterIp(UDP).ipv4, address.ipv4],
          [`[${clusterIp(UDP).ipv6}]`, `[${address.ipv6}]`],
        ] as const) {
          assert.ok(stale.includes(`lab/udp:echo ${vip}:80/udp ${endpoint}:8080 `), stale);
        }
      }
      assert.ok(!stale.includes(WEB[2].address.ipv4) && !stale.includes(WEB[2].address.ipv6), stale);
    });
  });

  describe('by other schedulers', () => {
    // As many as the weights together, twice.
    const TURN = 12;
    const weights = new Map(WEB.flatMap(({ address }, i) => [address.ipv4, address.ipv6].map((text) => [text, 3 - i])));

    it('follows weights exactly (wrr)', async () => {
      const lines = printVirtualServers(compileForIpvs([TCP, UDP], 'wrr')).split('\n');
      const weighted = lines.map((line) => {
        const [, address = ''] = /-r \[?([^\]\s]*?)\]?:\d+ /.exec(line) ?? [];
        return line.replace(/-w 1$/, `-w ${weights.get(address) ?? 1}`);
      });
      await replaceVirtualServers(lab(), weighted.join('\n'));
      // IPVS keeps the connections of a virtual server that went, and an endpoint its closed ones for a minute: other source ports than
      // those of before, or a connection is answered by the server of an old one, or refused by it and given to the next.
      await lab().on('client').run('sysctl', ['-q', '-w', 'net.ipv4.ip_local_port_range=10000 29999']);
      const batch = new ProbeBatch();
      const found = FAMILIES.flatMap((family) =>
        [TCP, UDP].map((service) => batch.add('client', probe(target(service, 'clusterIP', family), TURN))),
      );
      await batch.run(lab());
      assert.deepEqual(
        found.map((outcomes) => countByServer(outcomes(), NAMES)),
        found.map(() => [6, 4, 2]),
      );
    });

    it('keeps each client with one endpoint, by its address alone (sh)', async () => {
      await replaceVirtualServers(lab(), printVirtualServers(compileForIpvs([TCP, UDP], 'sh')));
      const batch = new ProbeBatch();
      const found = FAMILIES.map((family) => {
        const sources = clientAddresses(CLIENTS).map((address) => address[family]);
        // The hash is the same for every virtual server with these real servers.
        return (['clusterIP', 'clusterIP', 'nodePort'] as const).map((to) =>
          batch.add('outside', probe(target(TCP, to, family), CLIENTS, { sources })),
        );
      });
      await batch.run(lab());
      for (const outcomes of found) {
        const [first = [], ...others] = outcomes.map((one) => servers(one()));
        assert.deepEqual(others, [first, first]);
        assert.ok(new Set(first).size > 1 && first.every((name) => NAMES.includes(name)), first.join());
      }
    });
  });
});

function roundRobin(batch: ProbeBatch, family: Family): void {
  const clients = clientAddresses(CLIENTS).map((address) => address[family]);

  for (const { from, service, to, endpoints, masquerade } of WAYS) {
    const found = batch.add(from, probe(target(service, to, family), COUNT, { giveUpAfter: 1 }));
    const who = endpoints.length === 1 ? endpoints[0] : `${endpoints.length} endpoints evenly`;
    it(`${from} to the ${to} of ${service.name}: ${who}, ${masquerade ? '' : 'not '}masqueraded`, () => {
      const outcomes = found();
      assert.deepEqual(kinds(outcomes), ['answered']);
      const even = NAMES.map((name) => (endpoints.includes(name) ? COUNT / endpoints.length : 0));
      assert.deepEqual(countByServer(outcomes, NAMES), even);
      assert.equal(masqueraded(outcomes, family, sourceOf(from, family)), masquerade);
    });
  }

  describe('source ranges', () => {
    const vip = target(GUARDED, 'load balancer IP', family);
    const inside = batch.add('outside', probe(vip, 2, { sources: [0, 6].map((i) => clients[i] ?? '') }));
    const strangers = [
      batch.add('outside', probe(vip, 2, { sources: clients.slice(7, 9), timeoutMs: PATIENCE_MS })),
      batch.add('client', probe(vip, 1, { timeoutMs: PATIENCE_MS })),
    ];
    it('let in whom they name', () => assert.deepEqual(kinds(inside()), ['answered']));
    it('answer nothing to others, Pods among them', () => {
      for (const outcomes of strangers) assert.deepEqual(kinds(outcomes()), ['timeout']);
    });
  });

  describe('a Service without endpoints', () => {
    for (const from of ['client', 'outside'] as const) {
      const found = [NOBODY, NOBODY_UDP].flatMap((service) =>
        (['clusterIP', 'nodePort', 'load balancer IP'] as const).map((to) =>
          batch.add(from, probe(target(service, to, family), 1)),
        ),
      );
      it(`refuses connections from ${from}`, () => {
        assert.deepEqual(
          found.flatMap((outcomes) => servers(outcomes())),
          found.map(() => 'refused'),
        );
      });
    }
  });

  describe('addresses of Services', () => {
    for (const from of ['client', 'outside'] as const) {
      const hosts = [NODE, clusterIp(TCP), loadBalancerIp(TCP), EXTERNAL].map((address) => address[family]);
      const found = hosts.map((host) => batch.add(from, probe({ protocol: 'tcp', host, port: HOST_PORT }, 1)));
      it(`do not lead ${from} to what the node itself serves`, () => {
        const answers = found.flatMap((outcomes) => servers(outcomes()));
        assert.deepEqual(answers, ['node', 'refused', 'refused', 'refused']);
      });
    }
  });

  describe('session affinity', () => {
    const sources = clients.slice(0, COUNT);
    const rounds = [1, 2, 3].map(() =>
      batch.add('outside', probe(target(STICKY, 'clusterIP', family), COUNT, { sources })),
    );
    it('keeps a client with its endpoint, and spreads clients evenly', () => {
      const [first = [], ...others] = rounds.map((outcomes) => outcomes());
      assert.deepEqual(countByServer(first, NAMES), [2, 2, 2]);
      assert.deepEqual(
        others.map((outcomes) => servers(outcomes)),
        others.map(() => servers(first)),
      );
    });
  });
}
