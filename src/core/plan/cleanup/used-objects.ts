// Rules name objects of the kernel besides chains: ipsets and nfacct counters. Those that no rule names any more can be removed.
import type { SavedRules } from '../../ruleset/saved-rules.ts';
import type { ChainChange, FamilyPlan } from '../plan.ts';

const SET = / --(?:match-set|add-set|del-set|map-set) (\S+)/g;
const COUNTER = / --nfacct-name +(\S+)/g;

/** How many references to each ipset go with the rules that the plan removes. The kernel counts one for each match or target. */
export function setReferences(plan: FamilyPlan): ReadonlyMap<string, number> {
  return setsNamed(plan.changes.map(removedText).join('\n'));
}

/** How often each ipset is named in rules. */
export function setsNamed(rules: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, name = ''] of rules.matchAll(SET)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function removedText(change: ChainChange): string {
  switch (change.kind) {
    case 'delete-chain':
      return change.previous.rules;
    case 'edit-chain':
      return change.edits.map(({ rule }) => rule).join('\n');
    case 'create-chain':
    case 'replace-chain':
      return '';
  }
}

/** The nfacct objects into which rules count that are there after the plan. */
export function countersInUse(saved: SavedRules, plan: FamilyPlan): ReadonlySet<string> {
  const gone = new Set(
    plan.changes.filter((c) => c.kind === 'delete-chain').map(({ table, chain }) => `${table}/${chain}`),
  );
  const names = new Set<string>();
  for (const table of saved.tables) {
    for (const chain of table.chains.values()) {
      if (gone.has(`${table.name}/${chain.name}`) || !chain.rules.includes('--nfacct-name')) continue;
      for (const [, name = ''] of chain.rules.matchAll(COUNTER)) names.add(name);
    }
  }
  return names;
}
