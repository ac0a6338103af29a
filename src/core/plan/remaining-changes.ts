import type { SavedRules } from '../ruleset/saved-rules.ts';
import { editRules } from './edit-rules.ts';
import type { ChainChange, EditChain, FamilyPlan } from './plan.ts';
import { joinLines, ruleLines } from './rule-lines.ts';
import { sameRules, type Canonical } from './same-rules.ts';

/**
 * What is still to be done so that the changes of `plan` are in effect on a node that has `current`: empty after a successful apply, all of
 * it before, and something between on a node where an apply was cut short. `invertPlan` makes it the way back.
 */
export function remainingChanges(plan: FamilyPlan, current: SavedRules, canonical: Canonical): FamilyPlan {
  const tables = new Map(current.tables.map((table) => [table.name, table.chains]));
  const changes = plan.changes.flatMap((change): readonly ChainChange[] => {
    const rules = tables.get(change.table)?.get(change.chain)?.rules;
    return remaining(change, rules, canonical);
  });
  return { family: plan.family, changes, notes: [] };
}

function remaining(change: ChainChange, rules: string | undefined, canonical: Canonical): readonly ChainChange[] {
  const { table, chain, service, reason } = change;
  const about = { table, chain, service, reason };
  switch (change.kind) {
    case 'delete-chain':
      return rules === undefined ? [] : [{ ...about, kind: 'delete-chain', previous: { rules } }];
    case 'create-chain':
    case 'replace-chain':
      if (rules === undefined) return [{ ...about, kind: 'create-chain', next: change.next }];
      if (sameRules(chain, rules, change.next.rules, canonical)) return [];
      return [{ ...about, kind: 'replace-chain', previous: { rules }, next: change.next }];
    case 'edit-chain':
      return remainingEdit({ ...change, isMissing: rules === undefined }, rules ?? '');
  }
}

/** Others may have written into the chain meanwhile: only the rules that the change moves are put where it wants them. */
function remainingEdit(change: EditChain, rules: string): readonly ChainChange[] {
  if (rules === change.next.rules) return [];
  const moved = new Set(change.edits.map((edit) => edit.rule));
  const current = ruleLines(rules);
  const wanted = ruleLines(change.next.rules);
  const ours = (lines: readonly string[]): readonly string[] => lines.filter((line) => moved.has(line));
  const foreign = current.filter((line) => !moved.has(line));
  if (joinLines(ours(current)) === joinLines(ours(wanted)) && rules !== change.previous.rules) return [];
  const next = joinLines(insertBeforeSame(wanted, moved, foreign));
  const edits = editRules(rules, next, (rule) => moved.has(rule));
  return edits.length === 0 ? [] : [{ ...change, previous: { rules }, next: { rules: next }, edits }];
}

/** Each moved rule before the rule that follows it in `wanted`, if that is still there; else at the end if it was last, or first. */
function insertBeforeSame(
  wanted: readonly string[],
  moved: ReadonlySet<string>,
  foreign: readonly string[],
): readonly string[] {
  const before = new Map<number, string[]>();
  let from = 0;
  let pending: string[] = [];
  for (const line of wanted) {
    if (moved.has(line)) {
      pending.push(line);
      continue;
    }
    const at = foreign.indexOf(line, from);
    if (at < 0) continue;
    before.set(at, pending);
    pending = [];
    from = at + 1;
  }
  const all = foreign.flatMap((line, i) => [...(before.get(i) ?? []), line]);
  return before.size === 0 ? [...pending, ...all] : [...all, ...pending];
}
