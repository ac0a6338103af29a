import type { SavedRules } from '../ruleset/saved-rules.ts';
import { compareStrings } from '../util/order.ts';
import type { FamilyPlan } from './plan.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

/** The names of the chains of each table. */
export type ChainNames = ReadonlyMap<string, ReadonlySet<string>>;

export function chainNames({ tables }: SavedRules): ChainNames {
  return new Map(tables.map(({ name, chains }) => [name, new Set(chains.keys())]));
}

/** What a node has, as far as the names of chains go, when a plan has been carried out. */
export function namesAfter({ changes }: FamilyPlan, before: ChainNames): ChainNames {
  const after = new Map([...before].map(([table, names]) => [table, new Set(names)]));
  for (const { kind, table, chain } of changes) {
    const names = after.get(table) ?? new Set();
    after.set(table, names);
    if (kind === 'delete-chain') names.delete(chain);
    else names.add(chain);
  }
  return after;
}

/** All chains of kube-proxy begin so, and nothing else that a rule can lead to does. */
const CHAIN = /^KUBE-/;

/**
 * Chains that the rules of a plan lead to, and that would not be there when it is carried out on a node with these: no kernel takes such rules.
 * As `nat KUBE-MARK-MASQ`, sorted.
 */
export function missingTargets(plan: FamilyPlan, before: ChainNames): readonly string[] {
  const after = namesAfter(plan, before);
  const missing = new Set<string>();
  for (const change of plan.changes) {
    if (change.kind === 'delete-chain') continue;
    const names = after.get(change.table);
    for (const target of ruleLines(change.next.rules).map(targetOf)) {
      if (target !== undefined && CHAIN.test(target) && names?.has(target) !== true)
        missing.add(`${change.table} ${target}`);
    }
  }
  return [...missing].sort(compareStrings);
}
