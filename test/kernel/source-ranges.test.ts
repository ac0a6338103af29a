import assert from 'node:assert/strict';
import { clientAddresses, NODE } from '../../scripts/lab/addresses.ts';
import { runProbe, type Probe } from '../../scripts/lab/probe.ts';
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
import { kinds } from './support/findings.ts';
import { CLIENTS, FAMILY_NAMES, loadServices, useLab, VARIANTS } from './support/kernel-lab.ts';

/** The first seven client addresses of each family. */
const GUARDED: ServiceSpec = {
  name: 'guarded',
  number: 1,
  endpoints: WEB,
  spec: { loadBalancerSourceRanges: ['203.0.113.0/29', '2001:db8:cccc::/125'] },
};

const probe = (host: string, port: number, sources: readonly string[] = []): Probe => ({
  protocol: 'tcp',
  host,
  port,
  count: Math.max(sources.length, 1),
  timeoutMs: 800,
  ...(sources.length === 0 ? {} : { sources }),
});

for (const variant of VARIANTS) {
  describe(`source ranges by iptables-${variant}`, () => {
    const { lab } = useLab();
    before(async () => {
      await loadServices(lab(), variant, [GUARDED]);
    });

    for (const family of FAMILIES) {
      describe(FAMILY_NAMES[family], () => {
        const clients = clientAddresses(CLIENTS).map((address) => address[family]);
        const vip = loadBalancerIp(GUARDED)[family];

        it('let in whom they name', async () => {
          const outcomes = await runProbe(lab(), 'outside', probe(vip, SERVICE_PORT, clients.slice(0, 7)));
          assert.deepEqual(kinds(outcomes), ['answered']);
        });

        it('answer nothing to all others', async () => {
          const outcomes = await runProbe(lab(), 'outside', probe(vip, SERVICE_PORT, clients.slice(7, 9)));
          assert.deepEqual(kinds(outcomes), ['timeout']);
        });

        it('answer nothing to pods, which they do not name either', async () => {
          const outcomes = await runProbe(lab(), CLIENT.name, probe(vip, SERVICE_PORT));
          assert.deepEqual(kinds(outcomes), ['timeout']);
        });

        it('guard neither nodePort nor clusterIP', async () => {
          const stranger = clients.slice(7, 8);
          const viaPort = await runProbe(lab(), 'outside', probe(NODE[family], nodePort(GUARDED), stranger));
          const viaIp = await runProbe(lab(), 'outside', probe(clusterIp(GUARDED)[family], SERVICE_PORT, stranger));
          assert.deepEqual(kinds([...viaPort, ...viaIp]), ['answered']);
        });
      });
    }
  });
}
