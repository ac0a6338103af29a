import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import type { ChainBook } from './chain-book.ts';
import type { DecodedFrontend } from './decoded-rules.ts';

/** Whether packets come to a chain that lists Services. Parts of dumps, without built-in chains, do not show it. */
export function cutOffs(nat: ChainBook): (list: string) => DecodedFrontend['cutOff'] {
  const entries = [...nat.chains.values()].filter(({ name }) => isBuiltIn(name));
  if (!entries.some(({ policy }) => policy !== '-')) return () => undefined;
  const reached = reachable(
    nat,
    entries.map(({ name }) => name),
  );
  const listed = reachable(nat, ['KUBE-SERVICES']);
  return (list) => {
    if (reached.has(list)) return undefined;
    // Where KUBE-SERVICES has no rules, it is not known to have been the one that led there.
    return listed.has(list) || nat.lines('KUBE-SERVICES').length === 0 ? 'entry' : 'list';
  };
}

function reachable(nat: ChainBook, from: readonly string[]): ReadonlySet<string> {
  const reached = new Set(from);
  // A set that grows while it is walked: each chain is looked at once.
  for (const name of reached) for (const to of nat.targets(name)) reached.add(to);
  return reached;
}
