import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import type { ChainBook } from './chain-book.ts';
import type { DecodedFrontend } from './decoded-rules.ts';

/** Whether packets come to a chain that lists Services. Parts of dumps, without built-in chains, do not show it. */
export function cutOffs(nat: ChainBook): (list: string) => DecodedFrontend['cutOff'] {
  const entries = [...nat.chains.values()].filter(({ name }) => isBuiltIn(name));
  if (!entries.some(({ policy }) => policy !== '-')) return () => undefined;
  const isReached = reaching(
    nat,
    entries.map(({ name }) => name),
  );
  const isListed = reaching(nat, ['KUBE-SERVICES']);
  return (list) => {
    if (isReached(list)) return undefined;
    // Where KUBE-SERVICES has no rules, it is not known to have been the one that led there.
    return isListed(list) || (nat.chains.get('KUBE-SERVICES')?.rules.length ?? 0) === 0 ? 'entry' : 'list';
  };
}

/** Whether jumps lead to a chain. Looks no further than it must: there are some 50,000 chains of endpoints behind those that list Services. */
function reaching(nat: ChainBook, from: readonly string[]): (chain: string) => boolean {
  const reached = new Set(from);
  // A set that grows while it is walked: each chain is looked at once.
  const waiting = reached.values();
  return (chain) => {
    while (!reached.has(chain)) {
      const next = waiting.next();
      if (next.done === true) return false;
      for (const to of nat.targets(next.value)) reached.add(to);
    }
    return true;
  };
}
