import type { LintRule } from '../lint-rule.ts';
import { statesOf } from '../rule-facts.ts';

export const invalidDropPresent: LintRule = {
  code: 'invalid-drop-present',
  severity: 'info',
  title: 'packets that conntrack finds invalid are dropped',
  needs: 'rules',
  holds:
    'Nothing: kube-proxy writes this rule since 1.15. It matters where a node sees one direction of connections only.',
  why: 'With asymmetric routes (traffic that leaves by another node, or mirrored traffic) conntrack sees half of a connection and calls its packets invalid. They are dropped here, whether or not they have to do with a Service.',
  issues: ['kubernetes/kubernetes#94861', 'kubernetes/kubernetes#74839', 'kubernetes/kubernetes#117924'],
  fix: 'Only if connections over asymmetric routes fail: set net.netfilter.nf_conntrack_tcp_be_liberal=1, then kube-proxy leaves the rule out.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const filter = dump.table('filter');
      if (filter === undefined) return [];
      return filter
        .rules('KUBE-FORWARD')
        .filter(({ rule }) => rule.target.kind === 'drop' && statesOf(rule)?.values.includes('INVALID') === true)
        .map((rule) => ({
          message: 'KUBE-FORWARD drops packets in the state INVALID',
          place: filter.place('KUBE-FORWARD', rule),
        }));
    }),
};
