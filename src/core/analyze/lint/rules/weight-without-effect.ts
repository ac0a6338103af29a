import { draftText } from '../ipvs-words.ts';
import type { LintRule } from '../lint-rule.ts';

export const weightWithoutEffect: LintRule = {
  code: 'weight-without-effect',
  severity: 'warning',
  title: 'weights that the scheduler does not look at',
  needs: 'ipvs',
  holds: 'Weights of real servers differ only where the scheduler goes by weights.',
  why: 'rr, lc and dh know of a weight only whether it is 0. kube-proxy gives all real servers the weight 1; whoever gave others expects something else than what happens.',
  issues: [],
  fix: 'Choose wrr or wlc (ipvs.scheduler in the configuration of kube-proxy), or leave weights alone; kube-proxy sets them to 1 again.',
  check: ({ ipvs }) =>
    ipvs.flatMap((view) =>
      view.drafts.flatMap((draft) => {
        const [server] = draft.servers;
        if (server === undefined || !WEIGHTLESS.has(server.scheduler)) return [];
        const weights = new Set(server.realServers.map(({ weight }) => weight).filter((weight) => weight > 0));
        if (weights.size < 2) return [];
        const list = [...weights].sort((a, b) => a - b).join(', ');
        return [
          {
            message: `${draftText(draft)} has the weights ${list}, and ${server.scheduler} does not look at them`,
            place: view.serverPlace,
          },
        ];
      }),
    ),
};

const WEIGHTLESS: ReadonlySet<string> = new Set(['rr', 'lc', 'dh']);
