import type { CompiledChain } from '../ruleset/compiled-rules.ts';
import type { SavedChain } from '../ruleset/saved-rules.ts';
import { compareStrings } from '../util/order.ts';

export interface ChainPair {
  readonly wanted: CompiledChain;
  /** Undefined if the node has no such chain. */
  readonly saved: SavedChain | undefined;
}

export interface ChainPairs {
  /** Wanted chains that the node does not have with the same text: built-in ones first, then by name. */
  readonly different: readonly ChainPair[];
  /** Chains of the node that are not wanted, by name. */
  readonly extra: readonly SavedChain[];
}

/**
 * Finds the chains of one table whose texts differ. Compiled chains come by name behind the built-in ones, and so do those of a dump: this
 * is one walk over both without looking up names, which for 56,000 chains takes longer than comparing their rules. What comes in another
 * order is sorted first.
 */
export function pairChains(saved: ReadonlyMap<string, SavedChain>, wanted: readonly CompiledChain[]): ChainPairs {
  const own = byName(wanted, ({ policy }) => policy !== 'ACCEPT');
  const builtIn = wanted.filter(({ policy }) => policy === 'ACCEPT');
  const names = new Set(builtIn.map(({ name }) => name));
  const there = byName([...saved.values()], ({ name }) => !names.has(name));
  const different: ChainPair[] = [];
  for (const chain of builtIn) {
    const found = saved.get(chain.name);
    if (found?.rules !== chain.rules) different.push({ wanted: chain, saved: found });
  }
  return { different, extra: walk(there, own, different) };
}

/** Both by name. */
function walk(
  there: readonly SavedChain[],
  own: readonly CompiledChain[],
  different: ChainPair[],
): readonly SavedChain[] {
  const extra: SavedChain[] = [];
  let i = 0;
  for (const chain of there) {
    let next = own[i];
    // By far the most: asked first, as two comparisons for an order take twice as long.
    while (next !== undefined && next.name !== chain.name && next.name < chain.name) {
      different.push({ wanted: next, saved: undefined });
      i += 1;
      next = own[i];
    }
    if (next === undefined || next.name !== chain.name) extra.push(chain);
    else {
      if (next.rules !== chain.rules) different.push({ wanted: next, saved: chain });
      i += 1;
    }
  }
  for (const chain of own.slice(i)) different.push({ wanted: chain, saved: undefined });
  return extra;
}

function byName<T extends { readonly name: string }>(chains: readonly T[], keep: (chain: T) => boolean): readonly T[] {
  const kept: T[] = [];
  let isSorted = true;
  for (const chain of chains) {
    if (!keep(chain)) continue;
    isSorted &&= (kept.at(-1)?.name ?? '') < chain.name;
    kept.push(chain);
  }
  return isSorted ? kept : kept.sort((a, b) => compareStrings(a.name, b.name));
}
