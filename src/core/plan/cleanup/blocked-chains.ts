import type { SavedChain } from '../../ruleset/saved-rules.ts';
import { compareBy } from '../../util/order.ts';
import { ruleLines, targetOf } from '../rule-lines.ts';

/** A chain that cannot be removed, because a chain of somebody else jumps to it. */
export interface BlockedChain {
  readonly chain: string;
  /** The first such rule, a line of iptables-save. */
  readonly rule: string;
  /** How many such rules there are. */
  readonly rules: number;
  /** The other chains that stay because this one leads to them, sorted. */
  readonly holds: readonly string[];
}

/**
 * What the mark of this chain means is the business of that one: a hostPort's packet that is marked for masquerading must be masqueraded,
 * although no rule says that one chain needs the other.
 */
const MARK_CHAIN = 'KUBE-MARK-MASQ';
const MARK_READER = 'KUBE-POSTROUTING';

/** Sorted by name. Jumps from built-in chains block nothing: they go with the chain. */
export function blockedChains(
  chains: ReadonlyMap<string, SavedChain>,
  removable: ReadonlySet<string>,
): readonly BlockedChain[] {
  const found = new Map<string, { readonly rule: string; count: number }>();
  for (const chain of chains.values()) {
    if (removable.has(chain.name) || chain.policy !== '-' || !chain.rules.includes(' KUBE-')) continue;
    for (const rule of ruleLines(chain.rules)) {
      const target = targetOf(rule);
      if (target === undefined || !removable.has(target)) continue;
      const known = found.get(target);
      if (known === undefined) found.set(target, { rule, count: 1 });
      else known.count += 1;
    }
  }
  return [...found]
    .map(([chain, { rule, count }]) => ({ chain, rule, rules: count, holds: ledTo(chain, chains, removable) }))
    .sort(compareBy<BlockedChain>(({ chain }) => chain));
}

/** Of the chains that may go, all that `start` leads to. Without recursion: chains of a hostile dump may be as deep as they like. */
function ledTo(
  start: string,
  chains: ReadonlyMap<string, SavedChain>,
  removable: ReadonlySet<string>,
): readonly string[] {
  const reached = new Set([start]);
  for (const name of reached) {
    const targets = ruleLines(chains.get(name)?.rules ?? '').map(targetOf);
    if (name === MARK_CHAIN) targets.push(MARK_READER);
    for (const target of targets) if (target !== undefined && removable.has(target)) reached.add(target);
  }
  reached.delete(start);
  return [...reached].sort();
}

/** A chain that stays for what it does with marked packets needs the jump to it as well. */
export function keepsItsJumps(chain: string, staying: ReadonlySet<string>): boolean {
  return chain === MARK_READER && staying.has(MARK_CHAIN) && staying.has(MARK_READER);
}
