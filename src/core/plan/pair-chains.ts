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
 * Finds the chains of one table whose texts differ. Rules name their chain, so equal rules are rules of the same chain: where both sides come
 * in the same order, as compiled chains and those of a dump do, names are not even looked at. With 56,000 chains, waiting for memory is
 * what takes the time. What is left over is paired by name, in whatever order it came.
 */
export function pairChains(saved: ReadonlyMap<string, SavedChain>, wanted: readonly CompiledChain[]): ChainPairs {
  if (saved.size === 0)
    return { different: inOrder(wanted.map((chain) => ({ wanted: chain, saved: undefined }))), extra: [] };
  const left = leftOver(saved, wanted);
  const there = new Map(left.saved.map((chain) => [chain.name, chain]));
  const different: ChainPair[] = [];
  for (const chain of left.wanted) {
    const found = there.get(chain.name);
    there.delete(chain.name);
    if (found?.rules !== chain.rules) different.push({ wanted: chain, saved: found });
  }
  return {
    different: inOrder(different),
    extra: sorted([...there.values()], (a, b) => compareStrings(a.name, b.name)),
  };
}

function inOrder(pairs: readonly ChainPair[]): readonly ChainPair[] {
  const isOwn = ({ wanted: { policy } }: ChainPair): number => (policy === 'ACCEPT' ? 0 : 1);
  return sorted(pairs, (a, b) => isOwn(a) - isOwn(b) || compareStrings(a.wanted.name, b.wanted.name));
}

interface LeftOver {
  readonly saved: readonly SavedChain[];
  readonly wanted: readonly CompiledChain[];
}

/** All but the chains that were met at the same place with the same rules. */
function leftOver(saved: ReadonlyMap<string, SavedChain>, wanted: readonly CompiledChain[]): LeftOver {
  const left = { saved: new Array<SavedChain>(), wanted: new Array<CompiledChain>() };
  let i = 0;
  for (const chain of saved.values()) {
    let next = wanted[i];
    if (next !== undefined && next.rules === chain.rules && next.rules !== '') {
      i += 1;
      continue;
    }
    for (; next !== undefined && next.name < chain.name; next = wanted[i]) {
      left.wanted.push(next);
      i += 1;
    }
    if (next !== undefined && next.name === chain.name && next.rules === chain.rules) i += 1;
    else left.saved.push(chain);
  }
  for (; i < wanted.length; i++) {
    const next = wanted[i];
    if (next !== undefined) left.wanted.push(next);
  }
  return left;
}

/** A fresh load has 56,000 chains, and they come in order. */
function sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  const isSorted = items.every((item, i) => {
    const previous = items[i - 1];
    return previous === undefined || compare(previous, item) <= 0;
  });
  return isSorted ? items : [...items].sort(compare);
}
