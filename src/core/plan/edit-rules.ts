import { joinLines, ruleLines } from './rule-lines.ts';
import type { RuleEdit } from './plan.ts';

/**
 * The edits that make `wanted` of `current`. Rules that may not move are not touched, so their counters live on; they must be in both in
 * the same order. Deleting means the first rule spelled so, as iptables does it; if that is another copy than the one meant, all copies
 * go and come back.
 *
 * @param mayMove whether a rule may be deleted and inserted: ours
 */
export function editRules(current: string, wanted: string, mayMove: (rule: string) => boolean): readonly RuleEdit[] {
  const from = ruleLines(current);
  const to = ruleLines(wanted);
  const edits = editsBetween(from, to, mayMove, new Set());
  if (joinLines(applyEdits(from, edits)) === joinLines(to)) return edits;
  const moved = new Set(edits.map((edit) => edit.rule));
  return editsBetween(from, to, mayMove, moved);
}

/** What the kernel makes of the rules: for checking a plan before it is carried out. */
export function applyEdits(lines: readonly string[], edits: readonly RuleEdit[]): readonly string[] {
  const result = [...lines];
  for (const { kind, rule, position = 1 } of edits) {
    const at = kind === 'delete' ? result.indexOf(rule) : position - 1;
    if (kind === 'insert') result.splice(at, 0, rule);
    else if (at >= 0) result.splice(at, 1);
  }
  return result;
}

function editsBetween(
  from: readonly string[],
  to: readonly string[],
  mayMove: (rule: string) => boolean,
  moved: ReadonlySet<string>,
): readonly RuleEdit[] {
  const kept = keptRules(from, to, mayMove, moved);
  const deletes = from.filter((_, i) => !kept.from.has(i)).map((rule): RuleEdit => ({ kind: 'delete', rule }));
  const inserts = to.flatMap((rule, i): readonly RuleEdit[] =>
    kept.to.has(i) ? [] : [{ kind: 'insert', rule, position: i + 1 }],
  );
  return [...deletes, ...inserts];
}

interface KeptRules {
  readonly from: ReadonlySet<number>;
  readonly to: ReadonlySet<number>;
}

/** The indexes of rules that stay, pairwise. What may not move does; what may stays where it is between the same of those. */
function keptRules(
  from: readonly string[],
  to: readonly string[],
  mayMove: (rule: string) => boolean,
  moved: ReadonlySet<string>,
): KeptRules {
  const kept = { from: new Set<number>(), to: new Set<number>() };
  const keep = (pair: Pair): void => {
    kept.from.add(pair[0]);
    kept.to.add(pair[1]);
  };
  const fixed = pairsInOrder(from, to, (rule) => !moved.has(rule) && !mayMove(rule), [0, 0], [from.length, to.length]);
  fixed.forEach(keep);
  let start: Pair = [0, 0];
  for (const end of [...fixed, [from.length, to.length] as const]) {
    pairsInOrder(from, to, (rule) => !moved.has(rule) && mayMove(rule), start, end).forEach(keep);
    start = [end[0] + 1, end[1] + 1];
  }
  return kept;
}

/** A place in `from` and one in `to`. */
type Pair = readonly [number, number];

/** Equal lines of both, in the order of both: each of `to` with the next one of `from` that there is. */
function pairsInOrder(
  from: readonly string[],
  to: readonly string[],
  counts: (rule: string) => boolean,
  start: Pair,
  end: Pair,
): readonly Pair[] {
  const pairs: Pair[] = [];
  let next = start[0];
  for (let j = start[1]; j < end[1]; j++) {
    const rule = to[j] ?? '';
    if (!counts(rule)) continue;
    const at = from.indexOf(rule, next);
    if (at < 0 || at >= end[0]) continue;
    pairs.push([at, j]);
    next = at + 1;
  }
  return pairs;
}
