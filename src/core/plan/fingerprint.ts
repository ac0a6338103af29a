import type { SavedChain, SavedRules, SavedTable } from '../ruleset/saved-rules.ts';
import { sha256Hex } from '../util/hash.ts';
import { compareBy, sortedBy } from '../util/order.ts';
import { isBuiltInChain, isPlannedChain } from '../ruleset/owned-chains.ts';

/**
 * 64 hexadecimal digits that change with everything that a plan replaces, edits or removes: the rules of our chains, and of the built-in and
 * shared chains that hold ours. Counters, policies, other chains and other tables do not change it. A built-in chain without rules is as
 * none: iptables-nft-save leaves tables out that nothing was ever written to.
 */
export function fingerprint(current: SavedRules): string {
  const parts: string[] = [];
  for (const table of sortedBy(current.tables, ({ name }) => name)) {
    const chains = [...table.chains.values()].filter((chain) => counts(table, chain)).sort(compareBy((c) => c.name));
    if (chains.length > 0) parts.push(`*${table.name}\n`);
    for (const { name, rules } of chains) parts.push(`:${name}\n`, rules);
  }
  return sha256Hex(parts.join(''));
}

function counts({ name: table }: SavedTable, { name, rules }: SavedChain): boolean {
  return isPlannedChain(table, name) && (rules !== '' || !isBuiltInChain(table, name));
}
