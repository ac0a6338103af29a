import type { LintRule } from '../lint-rule.ts';
import { isUnconditional } from '../rule-facts.ts';

export const firewallDropsAll: LintRule = {
  code: 'firewall-drops-all',
  severity: 'error',
  title: 'KUBE-FIREWALL drops every packet',
  needs: 'rules',
  holds: 'Each DROP in KUBE-FIREWALL is for marked packets, or for packets to 127.0.0.0/8.',
  why: 'Two versions of iptables on one node do not understand each other\'s rules: 1.8.8 wrote "-m mark" in a form that 1.8.7 and older read as no condition at all, and write back so. What is left drops every packet, and the node is offline.',
  issues: [
    'kubernetes/kubernetes#112477',
    'kubernetes/kubernetes#114549',
    'cloudnativelabs/kube-router#1415',
    'cloudnativelabs/kube-router#1370',
    'deckhouse/deckhouse#9065',
  ],
  fix: 'Now: iptables -D KUBE-FIREWALL -j DROP. Then give all programs of the node (kubelet, kube-proxy, CNI, network policies) one version of iptables.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const filter = dump.table('filter');
      if (filter === undefined) return [];
      return filter
        .rules('KUBE-FIREWALL')
        .filter(({ rule }) => (rule.target.kind === 'drop' || rule.target.kind === 'reject') && isUnconditional(rule))
        .map((rule) => ({
          message: 'a rule without any condition drops all packets that come to KUBE-FIREWALL',
          place: filter.place('KUBE-FIREWALL', rule),
          related: filter.references('KUBE-FIREWALL').map((from) => filter.place(from.chain.name, from.rule)),
        }));
    }),
};
