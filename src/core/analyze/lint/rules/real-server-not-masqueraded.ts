import { realServerKey } from '../../../ruleset/virtual-server.ts';
import { draftText } from '../ipvs-words.ts';
import { listed } from '../places.ts';
import type { LintRule } from '../lint-rule.ts';

export const realServerNotMasqueraded: LintRule = {
  code: 'real-server-not-masqueraded',
  severity: 'error',
  title: 'an endpoint that is given packets with the address of the Service',
  needs: 'ipvs-and-sets',
  holds: 'Real servers of Services are of the kind -m (masquerading).',
  why: 'With -g (direct routing) or -i (tunnelling) IPVS leaves the destination as it is, the address of the Service, which no Pod has; and the port as well. kube-proxy knows only -m.',
  issues: [],
  fix: 'Restart kube-proxy; if it does not change it, remove the real server: ipvsadm -d.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.drafts.flatMap((draft) => {
        if (draft.kind === 'virtual-server') return [];
        const found = draft.servers
          .flatMap(({ realServers }) => realServers)
          .filter(({ forwarding }) => forwarding !== 'masquerade');
        if (found.length === 0) return [];
        const names = [...new Set(found.map(realServerKey))];
        return [
          { message: `${draftText(draft)} sends to ${listed(names)} without masquerading`, place: view.serverPlace },
        ];
      }),
    ),
};
