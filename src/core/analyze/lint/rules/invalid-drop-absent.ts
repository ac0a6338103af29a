import type { LintRule } from '../lint-rule.ts';
import { statesOf } from '../rule-facts.ts';

export const invalidDropAbsent: LintRule = {
  code: 'invalid-drop-absent',
  severity: 'info',
  title: 'packets that conntrack finds invalid are forwarded',
  needs: 'rules',
  holds: 'KUBE-FORWARD drops packets in the state INVALID.',
  why: 'A packet that conntrack cannot place is not translated back. Forwarded so, it reaches the client from the address of the Pod, the client answers with RST, and a long transfer ends with "connection reset". kube-proxy since 1.15 drops them, unless net.netfilter.nf_conntrack_tcp_be_liberal is set, which is another cure for the same.',
  issues: ['kubernetes/kubernetes#74839', 'kubernetes/kubernetes#117924'],
  fix: 'Nothing where tcp_be_liberal is 1 (sysctl net.netfilter.nf_conntrack_tcp_be_liberal); else use a newer kube-proxy.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const filter = dump.table('filter');
      if (filter === undefined || !dump.modes.has('iptables') || !filter.hasRules('KUBE-FORWARD')) return [];
      if (filter.rules('KUBE-FORWARD').some(({ rule }) => statesOf(rule)?.values.includes('INVALID') === true))
        return [];
      return [
        { message: 'KUBE-FORWARD does not drop packets in the state INVALID', place: filter.place('KUBE-FORWARD') },
      ];
    }),
};
