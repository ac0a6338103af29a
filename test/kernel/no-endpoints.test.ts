// A Service that cannot serve: REJECT when it has no endpoints anywhere (the caller knows at once), DROP when it only has none
// on this node (silence makes a load balancer try another).
import assert from 'node:assert/strict';
import { NODE, type Family } from '../../scripts/lab/addresses.ts';
import { runProbe, runProbes, type Probe } from '../../scripts/lab/probe.ts';
import {
  CLIENT,
  clusterIp,
  FAMILIES,
  loadBalancerIp,
  nodePort,
  SERVICE_PORT,
  WEB,
  type ServiceSpec,
} from './support/cluster.ts';
import { kinds, reached, slowest } from './support/findings.ts';
import { FAMILY_NAMES, loadServices, useLab, VARIANTS } from './support/kernel-lab.ts';

const REMOTE = [WEB[2]];
const NOWHERE: ServiceSpec = { name: 'nowhere', number: 1, endpoints: [] };
const NOWHERE_UDP: ServiceSpec = { name: 'nowhere-udp', number: 2, endpoints: [], protocol: 'UDP' };
const NOT_HERE_OUTSIDE: ServiceSpec = {
  name: 'not-here-for-outside',
  number: 3,
  endpoints: REMOTE,
  spec: { externalTrafficPolicy: 'Local' },
};
const NOT_HERE_INSIDE: ServiceSpec = {
  name: 'not-here-for-inside',
  number: 4,
  endpoints: REMOTE,
  spec: { internalTrafficPolicy: 'Local' },
};

/** A refusal arrives within this. */
const AT_ONCE_MS = 1000;
/**
 * Between namespaces a packet and its answer travel within the client's system call. An IPv6 TCP socket loses an ICMP error that
 * comes so early (LockDroppedIcmps counts them), and learns of the refusal from its second try, one second later.
 */
const SECOND_TRY_MS = 2000;
/** Silence lasts as long as the client's patience. */
const PATIENCE_MS = 2500;

const probe = (host: string, port: number, protocol: 'tcp' | 'udp' = 'tcp'): Probe => ({
  protocol,
  host,
  port,
  count: 1,
  timeoutMs: PATIENCE_MS,
});

/** The node's own connections to a LoadBalancer IP meet no rule: KUBE-EXTERNAL-SERVICES hangs on INPUT and FORWARD only. */
function throughLoadBalancer(from: string, family: Family): Probe[] {
  return from === 'node' ? [] : [probe(loadBalancerIp(NOWHERE)[family], SERVICE_PORT)];
}

for (const variant of VARIANTS) {
  describe(`Services without endpoints by iptables-${variant}`, () => {
    const { lab } = useLab();
    before(async () => {
      await loadServices(lab(), variant, [NOWHERE, NOWHERE_UDP, NOT_HERE_OUTSIDE, NOT_HERE_INSIDE]);
    });

    for (const family of FAMILIES) {
      describe(FAMILY_NAMES[family], () => {
        for (const from of [CLIENT.name, 'node', 'outside']) {
          it(`refuse a connection from ${from} at once`, async () => {
            const outcomes = await runProbes(lab(), from, [
              probe(clusterIp(NOWHERE_UDP)[family], SERVICE_PORT, 'udp'),
              probe(NODE[family], nodePort(NOWHERE_UDP), 'udp'),
              probe(clusterIp(NOWHERE)[family], SERVICE_PORT),
              probe(NODE[family], nodePort(NOWHERE)),
              ...throughLoadBalancer(from, family),
            ]);
            assert.deepEqual(
              outcomes.map((ones) => kinds(ones)),
              outcomes.map(() => ['refused']),
            );
            const [overUdp, overTcp] = [outcomes.slice(0, 2), outcomes.slice(2)].map((ones) => slowest(ones.flat()));
            assert.ok(Number(overUdp) < AT_ONCE_MS, `UDP took ${overUdp} ms`);
            const bound = family === 'ipv4' ? AT_ONCE_MS : SECOND_TRY_MS;
            assert.ok(Number(overTcp) < bound, `TCP took ${overTcp} ms`);
          });
        }

        it('keep silent to the outside when only other nodes have endpoints', async () => {
          const outcomes = await runProbes(lab(), 'outside', [
            probe(NODE[family], nodePort(NOT_HERE_OUTSIDE)),
            probe(loadBalancerIp(NOT_HERE_OUTSIDE)[family], SERVICE_PORT),
          ]);
          assert.deepEqual(kinds(outcomes.flat()), ['timeout']);
        });

        it('still serve the cluster then', async () => {
          const outcomes = await runProbes(lab(), CLIENT.name, [
            probe(NODE[family], nodePort(NOT_HERE_OUTSIDE)),
            probe(clusterIp(NOT_HERE_OUTSIDE)[family], SERVICE_PORT),
          ]);
          assert.deepEqual(
            outcomes.map((ones) => reached(ones)),
            [[WEB[2].name], [WEB[2].name]],
          );
        });

        it('keep silent on the clusterIP when internal traffic is local', async () => {
          for (const from of [CLIENT.name, 'outside']) {
            const outcomes = await runProbe(lab(), from, probe(clusterIp(NOT_HERE_INSIDE)[family], SERVICE_PORT));
            assert.deepEqual(kinds(outcomes), ['timeout'], from);
          }
        });
      });
    }
  });
}
