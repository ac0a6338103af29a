// Rules of kube-proxy and the kubelet that are the same whatever Services there are.
import type { Rule } from '../../ruleset/rule.ts';
import type { Step } from './chain-book.ts';
import { markTest } from './marks.ts';

const isMark = ({ target }: Rule): boolean => target.kind === 'mark';

function asksStates({ matches }: Rule, state: string): boolean {
  return matches.some((m) => m.kind === 'conntrack' && m.states?.negated === false && m.states.values.includes(state));
}

/** By table/chain: whether a rule is one that belongs there. */
const FIXED: ReadonlyMap<string, (rule: Rule) => boolean> = new Map([
  [
    'filter/KUBE-FORWARD',
    (rule: Rule): boolean => {
      if (rule.target.kind === 'drop') return asksStates(rule, 'INVALID');
      return rule.target.kind === 'accept' && (markTest(rule) !== undefined || asksStates(rule, 'ESTABLISHED'));
    },
  ],
  [
    'filter/KUBE-FIREWALL',
    (rule: Rule): boolean => {
      if (rule.target.kind !== 'drop') return false;
      return markTest(rule)?.negated === false || /^(?:127\.|::1)/.test(rule.destination?.network?.text ?? '');
    },
  ],
  [
    'nat/KUBE-POSTROUTING',
    (rule: Rule): boolean => {
      const { kind } = rule.target;
      if (kind === 'return' || kind === 'masquerade') return markTest(rule) !== undefined || kind === 'masquerade';
      return kind === 'mark';
    },
  ],
  ['nat/KUBE-MARK-MASQ', isMark],
  ['nat/KUBE-MARK-DROP', isMark],
]);

/** Undefined for a chain that is none of these. */
export function isFixedRule(table: string, chain: string, { at }: Step): boolean | undefined {
  return FIXED.get(`${table}/${chain}`)?.(at.rule);
}
