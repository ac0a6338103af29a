import type { SavedRules } from '../ruleset/saved-rules.ts';
import type { ChainChange } from './plan.ts';
import { restorePayload, type PayloadTable } from './restore-payload.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

/**
 * The same rules for a network namespace that has no chains: the node's chains that they jump to are declared as well, empty. Undefined where
 * chains are edited, since the edits name rules that are on the node alone.
 */
export function standalonePayload(
  changes: readonly ChainChange[],
  node: SavedRules,
): readonly PayloadTable[] | undefined {
  if (changes.some(({ kind }) => kind === 'edit-chain')) return undefined;
  return restorePayload([...changes, ...missingChains(changes, node)], { listFirst: false });
}

function missingChains(changes: readonly ChainChange[], node: SavedRules): readonly ChainChange[] {
  const made = new Set(changes.map(({ table, chain }) => `${table}/${chain}`));
  const missing: ChainChange[] = [];
  for (const change of changes) {
    const chains = node.tables.find(({ name }) => name === change.table)?.chains;
    for (const line of 'next' in change ? ruleLines(change.next.rules) : []) {
      const target = targetOf(line) ?? '';
      const key = `${change.table}/${target}`;
      if (made.has(key) || chains?.get(target)?.policy !== '-') continue;
      made.add(key);
      const about = { table: change.table, chain: target, reason: 'is jumped to' };
      missing.push({ ...about, kind: 'create-chain', next: { rules: '' } });
    }
  }
  return missing;
}
