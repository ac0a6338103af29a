import { decodedText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const ipvsMasqueradeMissing: LintRule = {
  code: 'ipvs-masquerade-missing',
  severity: 'error',
  title: 'an address from outside that is not masqueraded',
  needs: 'ipvs-and-sets',
  holds:
    'Rules mark for masquerading what comes to external IPs, load balancer IPs and node ports under the policy Cluster.',
  why: 'Under the policy Cluster the endpoint may be on another node. If its answer does not come back through this node, IPVS cannot give it the address that the client knows, and the client does not take it. Rules ask sets for it; one that asks the set of this address is missing, or comes too late.',
  issues: [],
  fix: 'Restart kube-proxy, which writes its rules anew; then look for programs that change them.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.frontends.flatMap((frontend) => {
        const { kind, sets = [], masquerade, lines } = frontend;
        const isOutside = kind !== 'cluster-ip' && kind !== 'virtual-server';
        const isLocal = sets.some((name) => name.includes('-LOCAL'));
        if (!isOutside || isLocal || sets.length === 0 || masquerade.kind === 'all') return [];
        const nat = view.dump?.table('nat');
        const rule = nat?.rules('KUBE-SERVICES').find(({ line }) => lines.includes(line));
        const place = nat?.has('KUBE-SERVICES') === true ? nat.place('KUBE-SERVICES', rule) : view.setPlace;
        return [
          { message: `${decodedText(frontend)} is not masqueraded for everybody, and its policy is Cluster`, place },
        ];
      }),
    ),
};
