import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { isEndpointChain } from './endpoint-chain.ts';
import { jumpOf, matchOf } from './rule-facts.ts';

/** A chain that chooses among endpoints. */
export interface Choice {
  readonly chain: RulesetChain;
  /** Rules that lead to endpoints, without those of session affinity. */
  readonly entries: readonly ChoiceEntry[];
  /** Rules that send a client where it was before. */
  readonly affinity: readonly RulesetRule[];
}

export interface ChoiceEntry {
  readonly rule: RulesetRule;
  readonly chain: string;
  /** Out of 2^31; undefined: always. */
  readonly threshold: number | undefined;
}

const CHOICE = /^KUBE-(?:SVC|SVL|XLB)-/;

/** Undefined for a chain that leads to no endpoint itself. */
export function choiceOf(chain: RulesetChain): Choice | undefined {
  if (!CHOICE.test(chain.name)) return undefined;
  const entries: ChoiceEntry[] = [];
  const affinity: RulesetRule[] = [];
  for (const rule of chain.rules) {
    const to = jumpOf(rule.rule);
    if (to === undefined || !isEndpointChain(to)) continue;
    if (matchOf(rule.rule, 'recent') === undefined) {
      entries.push({ rule, chain: to, threshold: matchOf(rule.rule, 'statistic-random')?.threshold });
    } else affinity.push(rule);
  }
  return entries.length === 0 && affinity.length === 0 ? undefined : { chain, entries, affinity };
}
