import type { IpFamily } from '../model/ip.ts';
import { tableNames, type CompiledChain, type CompiledRules } from '../ruleset/compiled-rules.ts';
import type { Rule } from '../ruleset/rule.ts';
import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { compareStrings } from '../util/order.ts';
import { contentOf } from './chain-content.ts';
import { foreignJumpNotes } from './foreign-jumps.ts';
import { leftoverModeNotes } from './leftover-modes.ts';
import { losesFirewall } from './loses-firewall.ts';
import { masqueradeThiefNotes } from './masquerade-thief.ts';
import { isEntryChain, isOwnChain, isSharedChain } from '../ruleset/owned-chains.ts';
import { planSharedChain } from './plan-shared-chain.ts';
import { pairChains } from './pair-chains.ts';
import { planStaleChains } from './plan-stale-chains.ts';
import type { ChainChange, EditChain, FamilyPlan } from './plan.ts';
import { isProxyJump } from './proxy-jump.ts';
import { comparePayloadTables } from './restore-payload.ts';
import { targetOf } from './rule-lines.ts';
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
  // A mode may have nothing in a table where the other one has left something.
  const names = [...new Set([...wanted.keys(), ...tableNames])].sort(comparePayloadTables);
  const dropsFirewall = losesFirewall(current, desired);
  const notes: string[] = [];
  const changes = names.flatMap((table): readonly ChainChange[] => {
    const planned = planTable(wanted.get(table) ?? [], { table, current, desired, options, dropsFirewall });
    notes.push(...planned.notes);
    const stale = planStaleChains(current, { ...planned, table, dropsFirewall });
    notes.push(...stale.notes);
    const own = stale.changes.length > 0 ? [...planned.own, ...stale.changes] : planned.own;
    return [...byName(own), ...byName(planned.edits)];
  });
  return { family, changes, notes: [...notes, ...leftoverModeNotes(current)] };
}

/** Compiled chains come table by table: each run of them is copied as a whole, as there may be 56,000. */
function wantedByTable({ chains }: CompiledRules): ReadonlyMap<string, readonly CompiledChain[]> {
  const wanted = new Map<string, readonly CompiledChain[]>();
  for (let start = 0, end = 0; start < chains.length; start = end) {
    const table = chains[start]?.table ?? '';
    while (end < chains.length && chains[end]?.table === table) end += 1;
    const run = chains.slice(start, end);
    const known = wanted.get(table);
    wanted.set(table, known === undefined ? run : [...known, ...run]);
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
  /** See `losesFirewall`. */
  readonly dropsFirewall: boolean;
}

interface TablePlan {
  readonly own: readonly ChainChange[];
  readonly edits: readonly EditChain[];
  /** Chains that are there and not wanted. */
  readonly extra: readonly SavedChain[];
  readonly notes: readonly string[];
}

function planTable(wanted: readonly CompiledChain[], context: TableContext): TablePlan {
  const { table, current, desired, options } = context;
  const saved = current.tables.find(({ name }) => name === table)?.chains ?? new Map<string, SavedChain>();
  const canonical: Canonical = (line) => options.canonical(line, desired.family);
  const isOwn = ownershipIn(table, wanted);
  const own: ChainChange[] = [];
  const edits: EditChain[] = [];
  const notes: string[] = [];
  const { different, extra } = pairChains(saved, wanted);
  for (const { wanted: chain, saved: there } of different) {
    if (!isPartlyOurs(chain, there)) {
      const change = planOwnChain(chain, there, canonical);
      if (change !== undefined) own.push(change);
      continue;
    }
    const shared = planPartlyOurs(chain, there, { ...context, canonical, isOwn });
    edits.push(...shared.edits);
    notes.push(...shared.notes);
  }
  return { own, edits, extra, notes };
}

interface SharedContext extends TableContext {
  readonly canonical: Canonical;
  readonly isOwn: (chain: string) => boolean;
}

function planPartlyOurs(
  chain: CompiledChain,
  there: SavedChain | undefined,
  { table, current, desired, options, dropsFirewall, canonical, isOwn }: SharedContext,
): Pick<TablePlan, 'edits' | 'notes'> {
  const readRule = (line: string): Rule => options.readRule(line, desired.family);
  const isJumpOfOurs = (line: string): boolean => {
    const target = targetOf(line);
    if (target === undefined) return false;
    if (isSharedChain(table, target)) return dropsFirewall;
    return isEntryChain(table, target) && isProxyJump(table, readRule(line));
  };
  const thief = trafficThief({ chain, current, desired, isOwn, readRule: options.readRule });
  const change = planSharedChain({
    table,
    chain: chain.name,
    current: there?.rules,
    desired: chain.rules,
    canonical,
    isJumpOfOurs,
    steals: thief.reason,
  });
  const notes = [...thief.unfinished()].map((line) => unfinishedNote(chain, line));
  if (there !== undefined) {
    notes.push(...foreignJumpNotes({ table, saved: there, desired: chain.rules, canonical, isOwn, isJumpOfOurs }));
    if (table === 'nat' && chain.name === 'POSTROUTING')
      notes.push(...masqueradeThiefNotes(change?.next.rules ?? there.rules, desired, readRule));
  }
  return { edits: change === undefined ? [] : [change], notes };
}

function unfinishedNote({ table, name }: CompiledChain, line: string): string {
  return `${table} ${name}: the rule ${JSON.stringify(line)} leads to too many rules to follow; whether it takes packets of Services is not known`;
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
