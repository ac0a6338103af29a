import { counted, listed } from '../places.ts';
import type { LintRule } from '../lint-rule.ts';

export const ipvsLeftBehind: LintRule = {
  code: 'ipvs-left-behind',
  severity: 'warning',
  title: 'virtual servers are left on a node in iptables mode',
  needs: 'ipvs',
  holds: 'A node in iptables mode has no virtual servers of kube-proxy.',
  why: 'kube-proxy does not reliably remove what it made in ipvs mode. IPVS stands behind the rules of the iptables mode: node ports whose rules send packets elsewhere never get there, but whatever comes to an address that kube-ipvs0 still has is answered by real servers of the day of the switch.',
  issues: ['kubernetes/kubernetes#102314', 'kubernetes/kubernetes#109286'],
  fix: 'Remove them: chainsmith cleanup, then restart kube-proxy. A reboot does it too.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) => {
      const { otherMode } = view;
      if (otherMode?.modes.has('iptables') !== true) return [];
      const own = view.drafts.filter(
        ({ servers, kind }) => servers.length > 0 && (view.members === undefined || kind !== 'virtual-server'),
      );
      if (own.length === 0) return [];
      const names = own.flatMap(({ keys }) => keys);
      return [
        {
          message: `${counted(names.length, 'virtual server')} beside rules of the iptables mode: ${listed(names)}`,
          place: view.serverPlace,
          related: [otherMode.whole],
        },
      ];
    }),
};
