import type { LintRule } from '../lint-rule.ts';
import { counted, listed } from '../places.ts';

export const familyMissing: LintRule = {
  code: 'family-missing',
  severity: 'error',
  title: 'no rules for a family that Services have addresses of',
  needs: 'snapshot',
  holds: 'For each IP family that Services have clusterIPs of the node has rules of kube-proxy.',
  why: 'kube-proxy runs for one family only: the node has no address of the other (nodeIP, --node-ip of the kubelet), its ip6tables does not work, or clusterCIDR has one family. Clients that prefer this family time out.',
  issues: [
    'kubernetes/kubernetes#89923',
    'kubernetes/kubernetes#93858',
    'kubernetes/kubernetes#92412',
    'k3s-io/k3s#767',
  ],
  fix: 'Look at the first lines of the log of kube-proxy: they say which families it serves, and why not both.',
  check: (context) =>
    context.dumps.flatMap((dump) => {
      const entries = context.serviceTable(dump.family)?.servicePorts ?? [];
      const hasChains = dump.tables.some((table) => table.hasRules('KUBE-SERVICES'));
      // A dump without any table is none, as far as anybody can tell.
      if (entries.length === 0 || dump.modes.size > 0 || hasChains || !dump.tables.some(({ isWhole }) => isWhole))
        return [];
      const family = dump.family === 'ipv4' ? 'IPv4' : 'IPv6';
      const message = `there are no rules of kube-proxy for ${family}, and ${counted(entries.length, 'service port')} ${entries.length === 1 ? 'has' : 'have'} an address of it: ${listed(entries.map(({ name }) => name))}`;
      return [{ message, place: dump.whole }];
    }),
};
