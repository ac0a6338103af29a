import { refusesAll } from '../../../ruleset/connection-port.ts';
import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import { draftText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const virtualServerFiltered: LintRule = {
  code: 'virtual-server-filtered',
  severity: 'error',
  title: 'a virtual server that rules keep everybody from',
  needs: 'ipvs-and-sets',
  holds: 'A virtual server at an address of kube-ipvs0 is in a set that KUBE-IPVS-FILTER lets pass.',
  why: 'KUBE-IPVS-IPS holds all addresses of kube-ipvs0, and KUBE-IPVS-FILTER refuses what comes there and is in none of the sets of cluster IPs, external IPs and load balancer IPs with that port. So nothing new gets to the virtual server, and nothing of it is masqueraded.',
  issues: [],
  fix: 'Restart kube-proxy, which fills its sets. A virtual server of another program belongs on another address.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily(view: IpvsView): readonly Found[] {
  const bound = new Set(view.members?.addresses('IPVS-IPS').map(({ text }) => text));
  const filters = view.dump?.table('filter')?.hasRules('KUBE-IPVS-FILTER') === true;
  if (view.dump !== undefined && !filters) return [];
  // One for all ports of an address serves those of them that sets name, if IPVS serves it.
  const named = new Set(
    view.drafts.flatMap(({ kind, servers }) =>
      kind === 'virtual-server' ? [] : servers.filter((server) => !refusesAll(server)),
    ),
  );
  return view.drafts.flatMap((draft) => {
    if (draft.kind !== 'virtual-server' || draft.ip === undefined || !bound.has(draft.ip.text)) return [];
    if (draft.servers.some((server) => named.has(server))) return [];
    return [
      {
        message: `${draftText(draft)} is at an address of kube-ipvs0 and in no set of kube-proxy`,
        place: view.serverPlace,
        related: [view.setPlace],
      },
    ];
  });
}
