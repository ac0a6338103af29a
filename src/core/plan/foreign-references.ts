import type { SavedChain } from '../ruleset/saved-rules.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

/** For each chain that a chain of somebody else jumps to, or a built-in one, the first such chain. */
export function foreignReferences(
  chains: ReadonlyMap<string, SavedChain>,
  isForeign: (chain: SavedChain) => boolean,
): ReadonlyMap<string, string> {
  const references = new Map<string, string>();
  for (const chain of chains.values()) {
    if (!isForeign(chain)) continue;
    for (const line of ruleLines(chain.rules)) {
      const target = targetOf(line);
      if (target !== undefined && !references.has(target)) references.set(target, chain.name);
    }
  }
  return references;
}
