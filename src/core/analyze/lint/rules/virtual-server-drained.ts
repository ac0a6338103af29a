import { draftText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const virtualServerDrained: LintRule = {
  code: 'virtual-server-drained',
  severity: 'warning',
  title: 'all real servers of a virtual server have weight 0',
  needs: 'ipvs',
  holds: 'Some real server of a virtual server has a weight above 0.',
  why: 'A real server with weight 0 keeps its old connections and gets no new ones: kube-proxy sets that for endpoints that go away, and removes them when their connections have ended. Where all have it, new connections are refused, as if there were no endpoints.',
  issues: ['kubernetes/kubernetes#57841'],
  fix: 'Look whether the Service has endpoints. If it has, kube-proxy has stopped to write: restart it.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.drafts.flatMap((draft) => {
        const all = draft.servers.flatMap(({ realServers }) => realServers);
        if (all.length === 0 || all.some(({ weight }) => weight > 0)) return [];
        return [{ message: `all real servers of ${draftText(draft)} have weight 0`, place: view.serverPlace }];
      }),
    ),
};
