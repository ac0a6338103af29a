// What of a node's rules is kube-proxy's or chainsmith's, as a plan that removes it. The plan empties the chains, takes away the jumps to
// them, and then removes them: nothing refers to anything that goes, in whatever state the node is.
import type { IpFamily } from '../../model/ip.ts';
import type { SavedChain, SavedRules, SavedTable } from '../../ruleset/saved-rules.ts';
import { isEntryChain, isSharedChain } from '../../ruleset/owned-chains.ts';
import { compareBy } from '../../util/order.ts';
import type { ChainChange, ChainContent, EditChain, FamilyPlan } from '../plan.ts';
import { comparePayloadTables } from '../restore-payload.ts';
import { joinLines, ruleLines, targetOf } from '../rule-lines.ts';
import { blockedChains, keepsItsJumps, type BlockedChain } from './blocked-chains.ts';
import { hasKubelet, isProxyFirewall } from './firewall-chain.ts';
import { kubeChainOwner, type ChainOwner } from './kube-chains.ts';

export interface CleanupOptions {
  /** The kubelet's chains too. */
  readonly all: boolean;
}

export interface FamilyCleanup {
  /** `delete-chain` and `edit-chain` only; the latter has deletions only. */
  readonly plan: FamilyPlan;
  readonly blocked: readonly BlockedInTable[];
  /** Chains named KUBE-... that belong to others, by table and name. */
  readonly kept: readonly KeptChain[];
}

export interface BlockedInTable extends BlockedChain {
  readonly table: string;
}

export interface KeptChain {
  readonly table: string;
  readonly chain: string;
  readonly owner: Exclude<ChainOwner, 'kube-proxy'>;
}

export function planCleanup(family: IpFamily, saved: SavedRules, { all }: CleanupOptions): FamilyCleanup {
  const keepsKubelet = !all && hasKubelet(saved);
  const changes: ChainChange[] = [];
  const blocked: BlockedInTable[] = [];
  const kept: KeptChain[] = [];
  for (const table of saved.tables) {
    const removable = new Set<string>();
    for (const chain of table.chains.values()) {
      const owner = kubeChainOwner(table.name, chain.name);
      if (owner === undefined) continue;
      if (goes(owner, chain, all, keepsKubelet)) removable.add(chain.name);
      else if (owner !== 'kube-proxy') kept.push({ table: table.name, chain: chain.name, owner });
    }
    if (removable.size === 0) continue;
    const stuck = blockedChains(table.chains, removable);
    for (const one of stuck) blocked.push({ ...one, table: table.name });
    const staying = new Set(stuck.flatMap(({ chain, holds }) => [chain, ...holds]));
    for (const change of tableChanges(table, removable, staying)) changes.push(change);
  }
  const byPlace = compareBy<KeptChain>(
    ({ table }) => table,
    ({ chain }) => chain,
  );
  return { plan: { family, changes: changes.sort(compareChanges), notes: [] }, blocked, kept: kept.sort(byPlace) };
}

function goes(owner: ChainOwner, chain: SavedChain, all: boolean, keepsKubelet: boolean): boolean {
  switch (owner) {
    case 'kube-proxy':
      return true;
    case 'kubelet':
      return all;
    case 'shared':
      return all || (!keepsKubelet && isProxyFirewall(chain));
    case 'kube-router':
    case 'host-ports':
    case 'unknown':
      return false;
  }
}

function tableChanges(
  { name: table, chains }: SavedTable,
  removable: ReadonlySet<string>,
  staying: ReadonlySet<string>,
): readonly ChainChange[] {
  const changes: ChainChange[] = [];
  for (const chain of chains.values()) {
    if (removable.has(chain.name)) {
      if (staying.has(chain.name)) continue;
      const about = { table, chain: chain.name, reason: 'was left by kube-proxy or chainsmith' };
      changes.push({ ...about, kind: 'delete-chain', previous: contentOf(chain) });
    } else if (chain.policy !== '-') {
      const change = withoutJumps(table, chain, (to) => removable.has(to) && losesItsJumps(table, to, staying));
      if (change !== undefined) changes.push(change);
    }
  }
  return changes;
}

/** Of chains that stay only those are taken out of service by which kube-proxy is entered; rules of others keep what they need. */
function losesItsJumps(table: string, chain: string, staying: ReadonlySet<string>): boolean {
  if (!staying.has(chain)) return true;
  return (isEntryChain(table, chain) || isSharedChain(table, chain)) && !keepsItsJumps(chain, staying);
}

function withoutJumps(table: string, chain: SavedChain, leaves: (target: string) => boolean): EditChain | undefined {
  if (!chain.rules.includes(' KUBE-')) return undefined;
  const lines = ruleLines(chain.rules);
  const isLeaving = lines.map((line) => {
    const target = targetOf(line);
    return target !== undefined && leaves(target);
  });
  if (!isLeaving.includes(true)) return undefined;
  const stays = <T>(items: readonly T[]): readonly T[] => items.filter((_, i) => isLeaving[i] !== true);
  const next: ChainContent = {
    rules: joinLines(stays(lines)),
    ...(chain.ruleCounters === undefined ? {} : { counters: stays(chain.ruleCounters) }),
  };
  const edits = lines.filter((_, i) => isLeaving[i] === true).map((rule) => ({ kind: 'delete', rule }) as const);
  const about = { table, chain: chain.name, reason: 'jumps to chains that go' };
  return { ...about, kind: 'edit-chain', previous: contentOf(chain), next, edits };
}

function contentOf({ rules, ruleCounters }: SavedChain): ChainContent {
  return ruleCounters === undefined ? { rules } : { rules, counters: ruleCounters };
}

const byKindAndName = compareBy<ChainChange>(
  (change) => (change.kind === 'edit-chain' ? 1 : 0),
  (change) => change.chain,
);

const compareChanges = (a: ChainChange, b: ChainChange): number =>
  comparePayloadTables(a.table, b.table) || byKindAndName(a, b);
