import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { compareBy } from '../util/order.ts';
import { chainServices } from './chain-services.ts';
import { contentOf } from './chain-content.ts';
import { foreignReferences } from './foreign-references.ts';
import { isOwnChain, isServiceChain, isSharedChain } from '../ruleset/owned-chains.ts';
import type { DeleteChain } from './plan.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

export interface StaleChains {
  /** By name. */
  readonly changes: readonly DeleteChain[];
  readonly notes: readonly string[];
}

const TABLE = 'nat';

/**
 * Chains of Services and endpoints that are no more. One that a rule of somebody else still jumps to, be it in a built-in chain, cannot be
 * removed, nor can those that it jumps to itself.
 *
 * @param extra the chains of nat that the node does not need, built-in ones left out
 */
export function planStaleChains(current: SavedRules, extra: readonly SavedChain[]): StaleChains {
  const chains = current.tables.find(({ name }) => name === TABLE)?.chains;
  const stale = extra.filter(({ name }) => isServiceChain(TABLE, name));
  if (chains === undefined || stale.length === 0) return { changes: [], notes: [] };
  const kept = keptChains(chains, stale, new Set(extra.map(({ name }) => name)));
  const services = chainServices(current, stale);
  const changes = stale
    .filter(({ name }) => !kept.has(name))
    .map((chain): DeleteChain => {
      const { name } = chain;
      const about = { table: TABLE, chain: name, service: services.get(name), previous: contentOf(chain) };
      return { ...about, kind: 'delete-chain', reason: 'nothing needs it any more' };
    })
    .sort(compareBy((change) => change.chain));
  return { changes, notes: [...kept.values()] };
}

/** Stale chains that have to stay, and what to say about each. */
function keptChains(
  chains: ReadonlyMap<string, SavedChain>,
  stale: readonly SavedChain[],
  extra: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const isForeign = ({ name, policy }: SavedChain): boolean =>
    policy !== '-' || (extra.has(name) && !isOwnChain(TABLE, name) && !isSharedChain(TABLE, name));
  const names = new Set(stale.map(({ name }) => name));
  const kept = new Map<string, string>();
  const queue: string[] = [];
  const keep = (name: string, why: string): void => {
    if (!names.has(name) || kept.has(name)) return;
    kept.set(name, `${TABLE} ${name} is left over, but ${why}: it stays`);
    queue.push(name);
  };
  for (const [name, from] of foreignReferences(chains, isForeign)) {
    const isBuiltIn = chains.get(from)?.policy !== '-';
    keep(name, isBuiltIn ? `somebody's rule in ${from} jumps to it` : `${from} jumps to it, which is not ours`);
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const line of ruleLines(chains.get(name)?.rules ?? '')) {
      keep(targetOf(line) ?? '', `${name} jumps to it, which has to stay`);
    }
  }
  return kept;
}
