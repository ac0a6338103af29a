// A load balancer asks the node itself (its health check node port) whether it has endpoints. The node may refuse everything it
// does not know; kube-proxy's rule lets this in.
import assert from 'node:assert/strict';
import { NODE } from '../../scripts/lab/addresses.ts';
import { runProbe } from '../../scripts/lab/probe.ts';
import { startServer } from '../../scripts/lab/servers.ts';
import { FAMILIES, WEB, type ServiceSpec } from './support/cluster.ts';
import { kinds } from './support/findings.ts';
import { FAMILY_NAMES, loadServices, useLab, VARIANTS } from './support/kernel-lab.ts';

const HEALTH_PORT = 32_100;
const OTHER_PORT = 32_101;
const CHECKED: ServiceSpec = {
  name: 'checked',
  number: 1,
  endpoints: WEB,
  spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: HEALTH_PORT },
};

for (const variant of VARIANTS) {
  describe(`the health check node port by iptables-${variant}`, () => {
    const { lab } = useLab();
    before(async () => {
      await startServer(lab(), 'node', { port: HEALTH_PORT });
      await startServer(lab(), 'node', { port: OTHER_PORT });
      await loadServices(lab(), variant, [CHECKED]);
      for (const tool of ['iptables', 'ip6tables'])
        await lab().on('node').run(`${tool}-${variant}`, dropByDefault(tool));
    });

    /** IPv6 finds its neighbours by ICMP, which must get in whatever the policy. */
    function dropByDefault(tool: string): string[] {
      return tool === 'iptables' ? ['-P', 'INPUT', 'DROP'] : ['-A', 'INPUT', '!', '-p', 'icmpv6', '-j', 'DROP'];
    }

    for (const family of FAMILIES) {
      it(`gets in where nothing else does, over ${FAMILY_NAMES[family]}`, async () => {
        const probe = { protocol: 'tcp', host: NODE[family], count: 1, timeoutMs: 1000 } as const;
        assert.deepEqual(kinds(await runProbe(lab(), 'outside', { ...probe, port: HEALTH_PORT })), ['answered']);
        assert.deepEqual(kinds(await runProbe(lab(), 'outside', { ...probe, port: OTHER_PORT })), ['timeout']);
      });
    }
  });
}
