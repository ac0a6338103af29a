import type { CompiledChain, CompiledRules } from '../ruleset/compiled-rules.ts';
import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { compareBy } from '../util/order.ts';
import { chainServices } from './chain-services.ts';
import { foreignReferences } from './foreign-references.ts';
import { isOwnChain, isServiceChain, isSharedChain } from './owned-chains.ts';
import { planSharedChain } from './plan-shared-chain.ts';
import type { ChainChange, ChainContent, FamilyPlan } from './plan.ts';
import { comparePayloadTables } from './restore-payload.ts';
import { sameRules, type Canonical } from './same-rules.ts';
import { trafficThief } from './traffic-thief.ts';

export interface PlanOptions {
  readonly canonical: Canonical;
}

/**
 * What to change on a node that has `current` so that it does what `desired` says. Chains of others are never in it. An empty list means
 * that the node has these rules already, however they are spelled.
 */
export function planFamily(current: SavedRules, desired: CompiledRules, { canonical }: PlanOptions): FamilyPlan {
  const chains = new Map(current.tables.map((table) => [table.name, table.chains]));
  const wanted = new Set(desired.chains.map(({ table, name }) => `${table}/${name}`));
  const isOwn = (table: string, chain: string): boolean =>
    isOwnChain(table, chain) || (wanted.has(`${table}/${chain}`) && !isSharedChain(table, chain));
  const changes: ChainChange[] = [];
  for (const chain of desired.chains) {
    const saved = chains.get(chain.table)?.get(chain.name);
    const change = isPartlyOurs(chain, saved)
      ? planSharedChain({
          table: chain.table,
          chain: chain.name,
          current: saved?.rules,
          desired: chain.rules,
          canonical,
          isOwn: (name) => isOwn(chain.table, name),
          steals: trafficThief(chain, current, desired, (name) => isOwn(chain.table, name)),
        })
      : planOwnChain(chain, saved, canonical);
    if (change !== undefined) changes.push(change);
  }
  const stale = planStaleChains(current, wanted, isOwn);
  return {
    family: desired.family,
    changes: [...changes, ...stale.changes].sort(compareChanges),
    notes: stale.notes,
  };
}

/** The kernel's own chains, and the kubelet's where it is there already. */
function isPartlyOurs(chain: CompiledChain, saved: SavedChain | undefined): boolean {
  return chain.policy === 'ACCEPT' || (saved !== undefined && isSharedChain(chain.table, chain.name));
}

const compareChanges = (a: ChainChange, b: ChainChange): number =>
  comparePayloadTables(a.table, b.table) || byKindAndName(a, b);

const byKindAndName = compareBy<ChainChange>(
  (change) => (change.kind === 'edit-chain' ? 1 : 0),
  (change) => change.chain,
);

function planOwnChain(
  chain: CompiledChain,
  saved: SavedChain | undefined,
  canonical: Canonical,
): ChainChange | undefined {
  const { table, name, rules, service } = chain;
  const about = { table, chain: name, service, next: { rules } };
  if (saved === undefined) return { ...about, kind: 'create-chain', reason: 'is missing' };
  if (sameRules(name, saved.rules, rules, canonical)) return undefined;
  return { ...about, kind: 'replace-chain', reason: 'has other rules', previous: contentOf(saved) };
}

export function contentOf({ rules, ruleCounters }: SavedChain): ChainContent {
  return ruleCounters === undefined ? { rules } : { rules, counters: ruleCounters };
}

interface Stale {
  readonly changes: readonly ChainChange[];
  readonly notes: readonly string[];
}

/** Chains of Services and endpoints that are no more. One that a rule of somebody else still jumps to cannot be removed. */
function planStaleChains(
  current: SavedRules,
  wanted: ReadonlySet<string>,
  isOwn: (table: string, chain: string) => boolean,
): Stale {
  const changes: ChainChange[] = [];
  const notes: string[] = [];
  const services = chainServices(current);
  for (const { name: table, chains } of current.tables) {
    const stale = [...chains.values()].filter(
      (chain) => isServiceChain(table, chain.name) && !wanted.has(`${table}/${chain.name}`),
    );
    if (stale.length === 0) continue;
    const references = foreignReferences(chains, (name) => isOwn(table, name));
    for (const chain of stale) {
      const from = references.get(chain.name);
      if (from === undefined) {
        const service = services.get(chain.name);
        const about = { table, chain: chain.name, service, previous: contentOf(chain) };
        changes.push({ ...about, kind: 'delete-chain', reason: 'nothing needs it any more' });
      } else notes.push(`${table} ${chain.name} is left over, but ${from} jumps to it, which is not ours: it stays`);
    }
  }
  return { changes, notes };
}
