import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { compareBy } from '../util/order.ts';
import { chainServices } from './chain-services.ts';
import { contentOf } from './chain-content.ts';
import { foreignReferences } from './foreign-references.ts';
import { isLeftOverIfUnwanted, isOwnChain, isSharedChain } from '../ruleset/owned-chains.ts';
import type { DeleteChain, EditChain } from './plan.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

export interface StaleChains {
  /** By name. */
  readonly changes: readonly DeleteChain[];
  readonly notes: readonly string[];
}

export interface UnwantedChains {
  readonly table: string;
  /** The chains of the table that the node does not need. */
  readonly extra: readonly SavedChain[];
  /** What happens to built-in chains: jumps that go hold nothing. */
  readonly edits: readonly EditChain[];
  /** See `losesFirewall`. */
  readonly dropsFirewall: boolean;
}

/**
 * Chains of Services and endpoints that are no more, and those of the other mode. One that a rule of somebody else still jumps to, be it in a
 * built-in chain, cannot be removed, nor can those that it jumps to itself.
 */
export function planStaleChains(current: SavedRules, unwanted: UnwantedChains): StaleChains {
  const { table, extra, edits, dropsFirewall } = unwanted;
  const chains = current.tables.find(({ name }) => name === table)?.chains;
  const stale = extra.filter(
    ({ name }) => isLeftOverIfUnwanted(table, name) || (dropsFirewall && isSharedChain(table, name)),
  );
  if (chains === undefined || stale.length === 0) return { changes: [], notes: [] };
  const left = withEdits(chains, edits);
  const kept = keptChains(table, { chains: left, stale, extra: new Set(extra.map(({ name }) => name)) });
  const services = chainServices(current, stale);
  const changes = stale
    .filter(({ name }) => !kept.has(name))
    .map((chain): DeleteChain => {
      const { name } = chain;
      const about = { table, chain: name, service: services.get(name), previous: contentOf(chain) };
      return { ...about, kind: 'delete-chain', reason: 'nothing needs it any more' };
    })
    .sort(compareBy((change) => change.chain));
  return { changes, notes: [...kept.values()] };
}

function withEdits(
  chains: ReadonlyMap<string, SavedChain>,
  edits: readonly EditChain[],
): ReadonlyMap<string, SavedChain> {
  if (edits.length === 0) return chains;
  const edited = new Map(edits.map(({ chain, next }) => [chain, next.rules]));
  return new Map(
    [...chains].map(([name, chain]) => [name, { ...chain, rules: edited.get(name) ?? chain.rules }] as const),
  );
}

interface ChainsInUse {
  readonly chains: ReadonlyMap<string, SavedChain>;
  readonly stale: readonly SavedChain[];
  /** Names. */
  readonly extra: ReadonlySet<string>;
}

/** Stale chains that have to stay, and what to say about each. */
function keptChains(table: string, { chains, stale, extra }: ChainsInUse): ReadonlyMap<string, string> {
  const isForeign = ({ name, policy }: SavedChain): boolean =>
    policy !== '-' || (extra.has(name) && !isOwnChain(table, name) && !isSharedChain(table, name));
  const names = new Set(stale.map(({ name }) => name));
  const kept = new Map<string, string>();
  const queue: string[] = [];
  const keep = (name: string, why: string): void => {
    if (!names.has(name) || kept.has(name)) return;
    kept.set(name, `${table} ${name} is left over, but ${why}: it stays`);
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
