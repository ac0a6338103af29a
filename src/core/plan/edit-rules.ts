import { joinLines, ruleLines } from './rule-lines.ts';
import type { RuleEdit } from './plan.ts';

/**
 * The edits that make `wanted` of `current`. Rules that are in both in the same order are not touched, so their counters live on.
 * Deleting means the first rule spelled so, as iptables does it; if that is another copy than the one meant, all copies go and come back.
 */
export function editRules(current: string, wanted: string): readonly RuleEdit[] {
  const from = ruleLines(current);
  const to = ruleLines(wanted);
  const edits = editsBetween(from, to, new Set());
  if (joinLines(applyEdits(from, edits)) === joinLines(to)) return edits;
  const moved = new Set(edits.map((edit) => edit.rule));
  return editsBetween(from, to, moved);
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

function editsBetween(from: readonly string[], to: readonly string[], moved: ReadonlySet<string>): readonly RuleEdit[] {
  const kept = commonLines(from, to, moved);
  const deletes = from.filter((_, i) => !kept.from.has(i)).map((rule): RuleEdit => ({ kind: 'delete', rule }));
  const inserts = to.flatMap((rule, i): readonly RuleEdit[] =>
    kept.to.has(i) ? [] : [{ kind: 'insert', rule, position: i + 1 }],
  );
  return [...deletes, ...inserts];
}

interface Common {
  readonly from: ReadonlySet<number>;
  readonly to: ReadonlySet<number>;
}

/** The indexes of a longest common subsequence, without the lines in `moved`. Built-in chains are short; equal ends are skipped. */
function commonLines(from: readonly string[], to: readonly string[], moved: ReadonlySet<string>): Common {
  const common = { from: new Set<number>(), to: new Set<number>() };
  const keep = (i: number, j: number): void => {
    common.from.add(i);
    common.to.add(j);
  };
  const same = (i: number, j: number): boolean => from[i] === to[j] && !moved.has(from[i] ?? '');
  const lengths = subsequenceLengths(from.length, to.length, same);
  for (let i = 0, j = 0; i < from.length && j < to.length;) {
    if (same(i, j)) keep(i++, j++);
    else if ((lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0)) i++;
    else j++;
  }
  return common;
}

/** `result[i][j]`: the length of the longest common subsequence of what begins at i and at j. */
function subsequenceLengths(n: number, m: number, same: (i: number, j: number) => boolean): readonly Uint32Array[] {
  const rows = Array.from({ length: n + 1 }, () => new Uint32Array(m + 1));
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      const longest = same(i, j)
        ? (rows[i + 1]?.[j + 1] ?? 0) + 1
        : Math.max(rows[i + 1]?.[j] ?? 0, rows[i]?.[j + 1] ?? 0);
      (rows[i] ?? new Uint32Array()).fill(longest, j, j + 1);
    }
  }
  return rows;
}
