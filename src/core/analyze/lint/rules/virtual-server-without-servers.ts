import { draftText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const virtualServerWithoutServers: LintRule = {
  code: 'virtual-server-without-servers',
  severity: 'info',
  title: 'a virtual server without real servers',
  needs: 'ipvs',
  holds: 'A virtual server of kube-proxy has a real server for each endpoint of its Service.',
  why: 'It is so for a Service that has no endpoints, which the ipvs mode does not refuse by rules: IPVS answers by itself, with an ICMP port unreachable. What the Service selects, and whether its Pods are ready, says why.',
  issues: [],
  fix: 'Look at the Service: its selector, its Pods, their readiness.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.drafts.flatMap((draft) =>
        draft.servers.length > 0 && draft.servers.every(({ realServers }) => realServers.length === 0)
          ? [{ message: `${draftText(draft)} has no real servers`, place: view.serverPlace }]
          : [],
      ),
    ),
};
