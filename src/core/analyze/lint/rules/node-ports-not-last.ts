import type { LintRule } from '../lint-rule.ts';
import { counted, placesOf } from '../places.ts';
import { jumpOf } from '../rule-facts.ts';

export const nodePortsNotLast: LintRule = {
  code: 'node-ports-not-last',
  severity: 'warning',
  title: 'rules of KUBE-SERVICES behind the jump to the node ports',
  needs: 'rules',
  holds: 'The jump to KUBE-NODEPORTS is the last rule of KUBE-SERVICES.',
  why: 'It is for every address that the node has. A load balancer or external IP that the node has itself, and a port of it that is a node port as well, reach the node port of another Service, if their own rule stands behind.',
  issues: [],
  fix: 'Make kube-proxy write all rules again: restart it. If it comes back, look for a second program that appends to KUBE-SERVICES.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const nat = dump.table('nat');
      const rules = nat?.rules('KUBE-SERVICES') ?? [];
      const at = rules.findIndex(({ rule }) => jumpOf(rule) === 'KUBE-NODEPORTS');
      const jump = rules[at];
      if (nat === undefined || jump === undefined) return [];
      // With nodePortAddresses there is one such jump for each address.
      const behind = rules.slice(at + 1).filter(({ rule }) => jumpOf(rule) !== 'KUBE-NODEPORTS');
      if (behind.length === 0) return [];
      return [
        {
          message: `${counted(behind.length, 'rule')} of KUBE-SERVICES stand${behind.length === 1 ? 's' : ''} behind the jump to KUBE-NODEPORTS`,
          place: nat.place('KUBE-SERVICES', jump),
          related: placesOf(nat, 'KUBE-SERVICES', behind),
        },
      ];
    }),
};
