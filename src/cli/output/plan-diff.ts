import { structuredPatch } from 'diff';
import type { ChainChange, EditChain } from '../../core/plan/plan.ts';
import { ruleLines } from '../../core/plan/rule-lines.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';

/** Beyond so many different lines a diff says nothing any more, and takes seconds. */
const MAX_EDIT_LENGTH = 2000;

/** Rules shown before and after those that differ. */
const CONTEXT = 2;

/** The unified diff of a chain's rules, as lines. A chain that is new or goes is shown whole. */
export function chainDiff(change: ChainChange, paint: Paint): readonly string[] {
  const previous = change.kind === 'create-chain' ? '' : change.previous.rules;
  const next = change.kind === 'delete-chain' ? '' : change.next.rules;
  const name = `${change.table} ${change.chain}`;
  const head = [
    paint.strong(plainText(`--- ${change.kind === 'create-chain' ? '(no chain)' : name}`)),
    paint.strong(plainText(`+++ ${change.kind === 'delete-chain' ? '(no chain)' : name}`)),
  ];
  if (change.kind === 'edit-chain') return [...head, ...editedRules(change, paint)];
  return [...head, ...(hunks(previous, next, paint) ?? tooMany(previous, next, paint))];
}

function hunks(previous: string, next: string, paint: Paint): readonly string[] | undefined {
  if (previous === '' || next === '') return [...marked('-', previous, paint), ...marked('+', next, paint)];
  const patch = structuredPatch('', '', previous, next, '', '', { context: CONTEXT, maxEditLength: MAX_EDIT_LENGTH });
  return patch?.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    paint.faint(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`),
    ...lines.map((line) => paintLine(plainText(line), paint)),
  ]);
}

function marked(sign: '+' | '-', rules: string, paint: Paint): readonly string[] {
  return ruleLines(rules).map((line) => paint.change(sign, plainText(`${sign}${line}`)));
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint.change('+', line);
  return line.startsWith('-') ? paint.change('-', line) : line;
}

function tooMany(previous: string, next: string, paint: Paint): readonly string[] {
  const counts = `${ruleLines(previous).length} rules before, ${ruleLines(next).length} rules after`;
  return [paint.faint(`too many differences to show line by line: ${counts}`)];
}

interface Row {
  readonly sign: '+' | '-' | ' ';
  readonly rule: string;
}

/** A diff of texts could show a rule of somebody else as moved, where it is ours that moves. */
function editedRules({ previous, edits }: EditChain, paint: Paint): readonly string[] {
  const rows: Row[] = ruleLines(previous.rules).map((rule) => ({ sign: ' ', rule }));
  for (const { kind, rule, position = 1 } of edits) {
    if (kind === 'insert') rows.splice(rowOf(rows, position), 0, { sign: '+', rule });
    else {
      const at = rows.findIndex((row) => row.sign === ' ' && row.rule === rule);
      if (at >= 0) rows[at] = { sign: '-', rule };
    }
  }
  const near = (at: number): boolean => rows.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(isChanged);
  return rows.flatMap((row, i) => {
    if (near(i)) return [paintLine(plainText(`${row.sign}${row.rule}`), paint)];
    return i > 0 && near(i - 1) ? [paint.faint('...')] : [];
  });
}

function isChanged({ sign }: Row): boolean {
  return sign !== ' ';
}

/** The index of the row that has the given 1-based place among the rules that are there. */
function rowOf(rows: readonly Row[], position: number): number {
  let left = position;
  const at = rows.findIndex(({ sign }) => sign !== '-' && --left === 0);
  return at < 0 ? rows.length : at;
}
