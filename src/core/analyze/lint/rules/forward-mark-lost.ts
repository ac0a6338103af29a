import type { LintRule } from '../lint-rule.ts';
import { isUnconditional } from '../rule-facts.ts';

export const forwardMarkLost: LintRule = {
  code: 'forward-mark-lost',
  severity: 'error',
  title: 'KUBE-FORWARD accepts every packet',
  needs: 'rules',
  holds: 'KUBE-FORWARD accepts packets that a Service has marked and those of known connections, and no others.',
  why: 'The condition on the mark was lost, as happens where two versions of iptables write on one node. All that the node forwards is let through then, past network policies and whatever else stands behind.',
  issues: ['kubernetes/kubernetes#112477'],
  fix: 'Restart kube-proxy, which writes the chain anew; then give all programs of the node one version of iptables.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const filter = dump.table('filter');
      if (filter === undefined) return [];
      return filter
        .rules('KUBE-FORWARD')
        .filter(({ rule }) => rule.target.kind === 'accept' && isUnconditional(rule))
        .map((rule) => ({
          message: 'a rule without any condition accepts all that the node forwards',
          place: filter.place('KUBE-FORWARD', rule),
        }));
    }),
};
