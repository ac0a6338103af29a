import { tableNames, type CompiledChain, type CompiledRules } from '../ruleset/compiled-rules.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';
import type { ChainChange, FamilyPlan } from './plan.ts';

/** The chains that a node with `current` has after a plan: for telling what a plan means whose input is not at hand, such as the way back. */
export function rulesAfter(plan: FamilyPlan, current: SavedRules): CompiledRules {
  const chains = tableNames.flatMap((table): readonly CompiledChain[] => {
    const texts = new Map<string, string>();
    const found = current.tables.find(({ name }) => name === table)?.chains ?? new Map<string, never>();
    for (const { name, rules } of found.values()) texts.set(name, rules);
    for (const change of plan.changes) if (change.table === table) carryOver(texts, change);
    return [...texts].map(([name, rules]) => ({ table, name, policy: '-', rules, purpose: '' }));
  });
  return { family: plan.family, chains, sysctls: [] };
}

function carryOver(texts: Map<string, string>, change: ChainChange): void {
  if (change.kind === 'delete-chain') texts.delete(change.chain);
  else texts.set(change.chain, change.next.rules);
}
