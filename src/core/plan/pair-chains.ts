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
 * Finds the chains of one table whose texts differ. Compiled chains and those of a dump both come by name, so this is one walk over both without
 * looking up names, which for 56,000 chains takes longer than comparing their rules. What comes in another order is sorted first.
 */
export function pairChains(saved: ReadonlyMap<string, SavedChain>, wanted: readonly CompiledChain[]): ChainPairs {
  const different: ChainPair[] = [];
  const extra: SavedChain[] = [];
  const note = (chain: CompiledChain, found: SavedChain | undefined): void => {
    if (found === undefined || found.rules !== chain.rules) different.push({ wanted: chain, saved: found });
  };
  const builtIn = wanted.filter(({ policy }) => policy === 'ACCEPT');
  for (const chain of builtIn) note(chain, saved.get(chain.name));
  const names = new Set(builtIn.map(({ name }) => name));
  const ours = byName(wanted.filter(({ policy }) => policy !== 'ACCEPT'));
  let i = 0;
  for (const chain of byName([...saved.values()].filter(({ name }) => !names.has(name)))) {
    for (; i < ours.length; i++) {
      const next = ours[i];
      if (next === undefined || next.name >= chain.name) break;
      note(next, undefined);
    }
    const next = ours[i];
    if (next?.name === chain.name) {
      note(next, chain);
      i += 1;
    } else extra.push(chain);
  }
  for (; i < ours.length; i++) {
    const next = ours[i];
    if (next !== undefined) note(next, undefined);
  }
  return { different, extra };
}

function byName<T extends { readonly name: string }>(chains: readonly T[]): readonly T[] {
  const isSorted = chains.every(({ name }, i) => i === 0 || (chains[i - 1]?.name ?? '') < name);
  return isSorted ? chains : [...chains].sort((a, b) => compareStrings(a.name, b.name));
}
