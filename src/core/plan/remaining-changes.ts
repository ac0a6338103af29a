import type { SavedRules } from '../ruleset/saved-rules.ts';
import { editRules } from './edit-rules.ts';
import type { ChainChange, EditChain, FamilyPlan } from './plan.ts';
import { placeRules, type RuleText } from './place-rules.ts';
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
      return remainingEdit(change, rules ?? '', canonical);
  }
}

/**
 * Others may have written into the chain meanwhile: only the rules that the change moves are put where it wants them. The node prints rules
 * in a spelling of its own, whatever the plan wrote: so they are compared by meaning, and deleted as the node spells them.
 */
function remainingEdit(change: EditChain, rules: string, canonical: Canonical): readonly ChainChange[] {
  if (rules === change.next.rules) return [];
  const known = new Map<string, string>();
  const textOf = (line: string): string => {
    const text = known.get(line) ?? canonical(line);
    known.set(line, text);
    return text;
  };
  const read = (lines: string): readonly RuleText[] => ruleLines(lines).map((line) => ({ line, text: textOf(line) }));
  const [current, wanted, previous] = [read(rules), read(change.next.rules), read(change.previous.rules)];
  if (sameTexts(current, wanted)) return [];
  const moved = new Set(change.edits.map(({ rule }) => textOf(rule)));
  const isMoved = ({ text }: RuleText): boolean => moved.has(text);
  if (sameTexts(current.filter(isMoved), wanted.filter(isMoved)) && !sameTexts(current, previous)) return [];
  const foreign = current.filter((rule) => !isMoved(rule));
  const next = joinLines(placeRules(wanted, isMoved, foreign).map(({ line }) => line));
  const edits = editRules(rules, next, (line) => moved.has(textOf(line)));
  return edits.length === 0 ? [] : [{ ...change, previous: { rules }, next: { rules: next }, edits }];
}

function sameTexts(a: readonly RuleText[], b: readonly RuleText[]): boolean {
  return a.length === b.length && a.every(({ text }, i) => text === b[i]?.text);
}
