import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientAddresses } from '../../scripts/lab/addresses.ts';
import { runProbe } from '../../scripts/lab/probe.ts';
import { clusterIp, FAMILIES, SERVICE_PORT, WEB, type ServiceSpec } from './support/cluster.ts';
import { CLIENTS, FAMILY_NAMES, loadServices, useLab, VARIANTS } from './support/kernel-lab.ts';

const TIMEOUT_SECONDS = 5;
const STICKY: ServiceSpec = {
  name: 'sticky',
  number: 1,
  endpoints: WEB,
  spec: {
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: TIMEOUT_SECONDS } },
  },
};

for (const variant of VARIANTS) {
  describe(`session affinity by iptables-${variant}`, () => {
    const { lab } = useLab();
    before(async () => {
      await loadServices(lab(), variant, [STICKY]);
    });

    for (const family of FAMILIES) {
      describe(FAMILY_NAMES[family], () => {
        const sources = clientAddresses(CLIENTS).map((address) => address[family]);

        /** Which server each client reaches, one connection each. */
        async function chosen(): Promise<string[]> {
          const outcomes = await runProbe(lab(), 'outside', {
            protocol: 'tcp',
            host: clusterIp(STICKY)[family],
            port: SERVICE_PORT,
            count: CLIENTS,
            timeoutMs: 2000,
            giveUpAfter: 2,
            sources,
          });
          return outcomes.map((outcome) => (outcome.kind === 'answered' ? outcome.server : outcome.kind));
        }

        // 24 clients that choose among three by chance: all of them the same, or all as before, once in 10^11 times.
        it('keeps each client with its endpoint', async () => {
          const first = await chosen();
          assert.ok(new Set(first).size > 1, `all clients reached ${first[0]}`);
          for (let round = 0; round < 3; round += 1) assert.deepEqual(await chosen(), first);
        });

        it('lets go after the timeout', async () => {
          const before = await chosen();
          await sleep((TIMEOUT_SECONDS + 1) * 1000);
          assert.notDeepEqual(await chosen(), before);
        });

        it('holds longer than the timeout for a client that keeps coming', async () => {
          const before = await chosen();
          for (let round = 0; round < 3; round += 1) {
            await sleep(TIMEOUT_SECONDS * 500);
            assert.deepEqual(await chosen(), before);
          }
        });
      });
    }
  });
}
