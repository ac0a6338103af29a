import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import { counted, listed } from '../places.ts';
import type { LintRule } from '../lint-rule.ts';

export const virtualServerForeign: LintRule = {
  code: 'virtual-server-foreign',
  severity: 'info',
  title: "virtual servers that are not kube-proxy's",
  needs: 'ipvs-and-sets',
  holds: 'All virtual servers of a node in ipvs mode are those of Services.',
  why: 'No set of kube-proxy names them, and their addresses are not those of kube-ipvs0. kube-proxy removes all virtual servers that are not its own when it starts, unless ipvs.excludeCIDRs holds their addresses.',
  issues: ['kubernetes/kubernetes#55857'],
  fix: 'If another program made them (keepalived ...), give kube-proxy their addresses in ipvs.excludeCIDRs.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily(view: IpvsView): readonly Found[] {
  if (view.members === undefined) return [];
  const bound = new Set(view.members.addresses('IPVS-IPS').map(({ text }) => text));
  const foreign = view.drafts.filter(
    ({ kind, ip }) => kind === 'virtual-server' && (ip === undefined || !bound.has(ip.text)),
  );
  if (foreign.length === 0) return [];
  const names = foreign.map(({ keys }) => keys[0] ?? '');
  return [
    {
      message: `${counted(foreign.length, 'virtual server')} of nobody that is known: ${listed(names)}`,
      place: view.serverPlace,
    },
  ];
}
