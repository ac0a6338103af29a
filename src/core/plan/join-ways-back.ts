// An apply that was killed leaves a way back, and the apply that repairs the node has one too: to the mix that it found. Nobody wants to go
// there. So the two are joined, and undo leads to what was there before the first of them.
import { compareBy, compareStrings } from '../util/order.ts';
import { editRules } from './edit-rules.ts';
import type { ChainChange, EditChain, FamilyPlan, Plan, SysctlChange } from './plan.ts';
import { joinIpvsWaysBack } from './ipvs/compare-ipvs.ts';
import { placeRules, type RuleText } from './place-rules.ts';
import { comparePayloadTables } from './restore-payload.ts';
import { joinLines, ruleLines } from './rule-lines.ts';

/** The way back over both: from where `newer` starts to where `older` ends. */
export function joinWaysBack(older: Plan, newer: Plan): Plan {
  const families = [...new Set([...newer.families, ...older.families].map(({ family }) => family))].sort(
    compareStrings,
  );
  return {
    families: families.map((family) => {
      const of = (plan: Plan): readonly ChainChange[] => plan.families.find((f) => f.family === family)?.changes ?? [];
      return { family, changes: joinChanges(of(older), of(newer)), notes: [] } satisfies FamilyPlan;
    }),
    sysctls: joinSysctls(older.sysctls, newer.sysctls),
    nfacct: [],
    ...joinIpvs(older, newer),
  };
}

function joinIpvs({ ipvs: older }: Plan, { ipvs: newer }: Plan): Pick<Plan, 'ipvs'> {
  if (older === undefined || newer === undefined) return { ipvs: older ?? newer };
  return { ipvs: joinIpvsWaysBack(older, newer) };
}

function keyOf({ table, chain }: ChainChange): string {
  return `${table}/${chain}`;
}

function joinChanges(older: readonly ChainChange[], newer: readonly ChainChange[]): readonly ChainChange[] {
  const joined = new Map(newer.map((change) => [keyOf(change), change]));
  for (const change of older) joined.set(keyOf(change), joinChange(change, joined.get(keyOf(change))));
  return [...joined.values()].sort(comparePlaces);
}

/**
 * Where it ends is all that counts, but for chains that others write too: there the rules of both are to move, and rules of others stay, also
 * those that came between the two.
 */
function joinChange(older: ChainChange, newer: ChainChange | undefined): ChainChange {
  if (older.kind !== 'edit-chain' || newer?.kind !== 'edit-chain') return older;
  const moved = new Set([...older.edits, ...newer.edits].map(({ rule }) => rule));
  const foreign = ruleLines(newer.previous.rules).filter((rule) => !moved.has(rule));
  const placed = placeRules(
    ruleLines(older.next.rules).map(asText),
    ({ text }) => moved.has(text),
    foreign.map(asText),
  );
  const rules = joinLines(placed.map(({ line }) => line));
  const edits = editRules(newer.previous.rules, rules, (rule) => moved.has(rule));
  return { ...older, previous: newer.previous, next: { rules }, edits } satisfies EditChain;
}

function asText(line: string): RuleText {
  return { line, text: line };
}

function comparePlaces(a: ChainChange, b: ChainChange): number {
  const edited = (change: ChainChange): number => (change.kind === 'edit-chain' ? 1 : 0);
  return comparePayloadTables(a.table, b.table) || edited(a) - edited(b) || compareStrings(a.chain, b.chain);
}

function joinSysctls(older: readonly SysctlChange[], newer: readonly SysctlChange[]): readonly SysctlChange[] {
  const joined = new Map(newer.map((change) => [change.key, change]));
  for (const change of older) joined.set(change.key, change);
  return [...joined.values()].sort(compareBy(({ key }) => key));
}
