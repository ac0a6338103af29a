// What everybody relies on, by both kinds of iptables and in both families: even distribution, UDP, hairpin, localhost.
import assert from 'node:assert/strict';
import { NODE } from '../../scripts/lab/addresses.ts';
import { testUniformity } from '../../scripts/lab/chi-square.ts';
import { runProbe, type Probe } from '../../scripts/lab/probe.ts';
import {
  CLIENT,
  CLUSTER_CIDRS,
  clusterIp,
  FAMILIES,
  nodePort,
  SERVICE_PORT,
  WEB,
  type ServiceSpec,
} from './support/cluster.ts';
import { countByServer, kinds, masqueraded, reached } from './support/findings.ts';
import { FAMILY_NAMES, loadServices, useLab, VARIANTS } from './support/kernel-lab.ts';

const NAMES = WEB.map((pod) => pod.name);
const TCP: ServiceSpec = { name: 'tcp', number: 1, endpoints: WEB };
const UDP: ServiceSpec = { name: 'udp', number: 2, endpoints: WEB, protocol: 'UDP' };
const ALONE: ServiceSpec = { name: 'alone', number: 3, endpoints: [WEB[0]] };

/** Chance alone fails a true distribution once in a million runs. */
const SIGNIFICANCE = 1e-6;

const probe = (overrides: Pick<Probe, 'host' | 'port'> & Partial<Probe>): Probe => ({
  protocol: 'tcp',
  count: 60,
  timeoutMs: 2000,
  giveUpAfter: 2,
  ...overrides,
});

for (const variant of VARIANTS) {
  describe(`Services by iptables-${variant}`, () => {
    const { lab } = useLab();
    before(async () => {
      await loadServices(lab(), variant, [TCP, UDP, ALONE]);
    });

    for (const family of FAMILIES) {
      describe(FAMILY_NAMES[family], () => {
        it('spreads connections evenly', async () => {
          const target = { host: clusterIp(TCP)[family], port: SERVICE_PORT, count: 3000 };
          const outcomes = await runProbe(lab(), 'outside', probe(target));
          assert.deepEqual(kinds(outcomes), ['answered']);
          const counts = countByServer(outcomes, NAMES);
          assert.ok(testUniformity(counts).pValue > SIGNIFICANCE, counts.join(' '));
        });

        it('serves UDP on the clusterIP', async () => {
          const target = { protocol: 'udp', host: clusterIp(UDP)[family], port: SERVICE_PORT } as const;
          const outcomes = await runProbe(lab(), CLIENT.name, probe(target));
          assert.deepEqual([kinds(outcomes), reached(outcomes)], [['answered'], NAMES]);
          assert.equal(masqueraded(outcomes, family, CLIENT.address[family]), false);
        });

        it('serves UDP on the nodePort', async () => {
          const target = { protocol: 'udp', host: NODE[family], port: nodePort(UDP) } as const;
          const outcomes = await runProbe(lab(), 'outside', probe(target));
          assert.deepEqual([kinds(outcomes), reached(outcomes)], [['answered'], NAMES]);
        });

        it("does not serve one protocol on the other's address", async () => {
          const outcomes = await runProbe(
            lab(),
            'outside',
            probe({ host: NODE[family], port: nodePort(UDP), count: 1 }),
          );
          assert.deepEqual(kinds(outcomes), ['refused']);
        });

        it('lets a pod reach itself, masqueraded', async () => {
          for (const target of [
            { host: clusterIp(ALONE)[family], port: SERVICE_PORT },
            { host: NODE[family], port: nodePort(ALONE) },
          ]) {
            const outcomes = await runProbe(lab(), WEB[0].name, probe({ ...target, count: 10 }));
            assert.deepEqual([kinds(outcomes), reached(outcomes)], [['answered'], [WEB[0].name]]);
            assert.equal(masqueraded(outcomes, family, WEB[0].address[family]), true);
          }
        });
      });
    }

    it('serves a nodePort on 127.0.0.1', async () => {
      const outcomes = await runProbe(lab(), 'node', probe({ host: '127.0.0.1', port: nodePort(TCP) }));
      assert.deepEqual([kinds(outcomes), reached(outcomes)], [['answered'], NAMES]);
      assert.equal(masqueraded(outcomes, 'ipv4', '127.0.0.1'), true);
    });

    describe('with localhostNodePorts off', () => {
      before(async () => {
        const config = { clusterCIDR: CLUSTER_CIDRS, iptables: { localhostNodePorts: false } };
        await loadServices(lab(), variant, [TCP], config);
      });

      it('does not serve a nodePort on 127.0.0.1', async () => {
        const outcomes = await runProbe(lab(), 'node', probe({ host: '127.0.0.1', port: nodePort(TCP), count: 2 }));
        assert.deepEqual(kinds(outcomes), ['refused']);
      });
    });
  });
}
