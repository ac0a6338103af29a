import type { IpFamily } from '../model/ip.ts';
import type { CompiledChain, CompiledRules } from '../ruleset/compiled-rules.ts';
import type { Rule } from '../ruleset/rule.ts';
import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { compareStrings } from '../util/order.ts';
import { contentOf } from './chain-content.ts';
import { isOwnChain, isSharedChain } from './owned-chains.ts';
import { planSharedChain } from './plan-shared-chain.ts';
import { pairChains } from './pair-chains.ts';
import { planStaleChains } from './plan-stale-chains.ts';
import type { ChainChange, EditChain, FamilyPlan } from './plan.ts';
import { comparePayloadTables } from './restore-payload.ts';
import { sameRules, type Canonical } from './same-rules.ts';
import { trafficThief } from './traffic-thief.ts';

/** The parser is a sibling of this folder, so what is needed of it is handed in: `canonicalRule`, and `parseRule(...).rule`. */
export interface PlanOptions {
  readonly canonical: (line: string, family: IpFamily) => string;
  readonly readRule: (line: string, family: IpFamily) => Rule;
}

/**
 * What to change on a node that has `current` so that it does what `desired` says. Chains of others are never in it. An empty list means
 * that the node has these rules already, however they are spelled.
 */
export function planFamily(current: SavedRules, desired: CompiledRules, options: PlanOptions): FamilyPlan {
  const { family } = desired;
  const wanted = wantedByTable(desired);
  const names = [...wanted.keys()].sort(comparePayloadTables);
  let notes: readonly string[] = [];
  const changes = names.flatMap((table): readonly ChainChange[] => {
    const planned = planTable(wanted.get(table) ?? [], { table, current, desired, options });
    if (table !== 'nat') return [...byName(planned.own), ...byName(planned.edits)];
    const stale = planStaleChains(current, planned.extra);
    notes = stale.notes;
    const own = stale.changes.length > 0 ? [...planned.own, ...stale.changes] : planned.own;
    return [...byName(own), ...byName(planned.edits)];
  });
  return { family, changes, notes };
}

function wantedByTable({ chains }: CompiledRules): ReadonlyMap<string, readonly CompiledChain[]> {
  const wanted = new Map<string, CompiledChain[]>();
  for (const chain of chains) {
    const list = wanted.get(chain.table);
    if (list === undefined) wanted.set(chain.table, [chain]);
    else list.push(chain);
  }
  return wanted;
}

/** Compiled chains are sorted already, and then this is one walk. */
function byName<T extends ChainChange>(changes: readonly T[]): readonly T[] {
  return [...changes].sort((a, b) => compareStrings(a.chain, b.chain));
}

interface TableContext {
  readonly table: string;
  readonly current: SavedRules;
  readonly desired: CompiledRules;
  readonly options: PlanOptions;
}

interface TablePlan {
  readonly own: readonly ChainChange[];
  readonly edits: readonly EditChain[];
  /** Chains that are there and not wanted. */
  readonly extra: readonly SavedChain[];
}

function planTable(wanted: readonly CompiledChain[], context: TableContext): TablePlan {
  const { table, current, desired, options } = context;
  const saved = current.tables.find(({ name }) => name === table)?.chains ?? new Map<string, SavedChain>();
  const canonical: Canonical = (line) => options.canonical(line, desired.family);
  const isOwn = ownershipIn(table, wanted);
  const own: ChainChange[] = [];
  const edits: EditChain[] = [];
  const { different, extra } = pairChains(saved, wanted);
  for (const { wanted: chain, saved: there } of different) {
    if (!isPartlyOurs(chain, there)) {
      const change = planOwnChain(chain, there, canonical);
      if (change !== undefined) own.push(change);
      continue;
    }
    const steals = trafficThief({ chain, current, desired, isOwn, readRule: options.readRule });
    const edit = planSharedChain({
      table,
      chain: chain.name,
      current: there?.rules,
      desired: chain.rules,
      canonical,
      isOwn,
      steals,
    });
    if (edit !== undefined) edits.push(edit);
  }
  return { own, edits, extra };
}

/** Whether a chain of the table is ours: one that kube-proxy always has, or one that the compiled rules have besides. */
function ownershipIn(table: string, wanted: readonly CompiledChain[]): (name: string) => boolean {
  let fixed: ReadonlySet<string> | undefined;
  return (name) => {
    if (isOwnChain(table, name)) return true;
    fixed ??= new Set(wanted.flatMap((c) => (c.policy === '-' && c.service === undefined ? [c.name] : [])));
    return fixed.has(name) && !isSharedChain(table, name);
  };
}

/** The kernel's own chains, and the kubelet's where it is there already. */
function isPartlyOurs(chain: CompiledChain, saved: SavedChain | undefined): boolean {
  return chain.policy === 'ACCEPT' || (saved !== undefined && isSharedChain(chain.table, chain.name));
}

function planOwnChain(
  chain: CompiledChain,
  saved: SavedChain | undefined,
  canonical: Canonical,
): ChainChange | undefined {
  const { table, name, rules, service } = chain;
  if (saved === undefined)
    return { kind: 'create-chain', table, chain: name, service, reason: 'is missing', next: { rules } };
  if (sameRules(name, saved.rules, rules, canonical)) return undefined;
  const about = { table, chain: name, service, next: { rules }, previous: contentOf(saved) };
  return { ...about, kind: 'replace-chain', reason: 'has other rules' };
}
