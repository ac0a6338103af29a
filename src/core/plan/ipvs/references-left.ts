import { setsNamed } from '../cleanup/used-objects.ts';
import type { SavedRules } from '../../ruleset/saved-rules.ts';
import type { FamilyPlan } from '../plan.ts';
import { savedAfter } from '../saved-after.ts';
import type { ObservedSet } from './ipvs-state.ts';

/** A family's plan, and what it was made of. */
export interface RulesPlan {
  readonly plan: FamilyPlan;
  readonly saved: SavedRules;
}

/** How many references to a set there are once the rules are changed; all of these are somebody else's if the set is not wanted. */
export function referencesLeft(rules: readonly RulesPlan[]): (set: ObservedSet) => number {
  const before = setsNamed(rules.map(({ saved }) => textOf(saved)).join(''));
  const after = setsNamed(rules.map(({ plan, saved }) => savedAfter(plan, saved)).join(''));
  return ({ name, references }) => {
    const left = after.get(name) ?? 0;
    return references === undefined ? left : Math.max(0, references - (before.get(name) ?? 0) + left);
  };
}

function textOf({ tables }: SavedRules): string {
  return tables.flatMap(({ chains }) => [...chains.values()].map(({ rules }) => rules)).join('');
}
