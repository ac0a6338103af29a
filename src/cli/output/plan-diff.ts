import { structuredPatch } from 'diff';
import type { ChainChange } from '../../core/plan/plan.ts';
import { ruleLines } from '../../core/plan/rule-lines.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';

/** Beyond so many different lines a diff says nothing any more, and takes seconds. */
const MAX_EDIT_LENGTH = 2000;

/** The unified diff of a chain's rules, as lines. A chain that is new or goes is shown whole. */
export function chainDiff(change: ChainChange, paint: Paint): readonly string[] {
  const previous = change.kind === 'create-chain' ? '' : change.previous.rules;
  const next = change.kind === 'delete-chain' ? '' : change.next.rules;
  const name = `${change.table} ${change.chain}`;
  const head = [
    paint.strong(plainText(`--- ${change.kind === 'create-chain' ? '(no chain)' : name}`)),
    paint.strong(plainText(`+++ ${change.kind === 'delete-chain' ? '(no chain)' : name}`)),
  ];
  return [...head, ...(hunks(previous, next, paint) ?? tooMany(previous, next, paint))];
}

function hunks(previous: string, next: string, paint: Paint): readonly string[] | undefined {
  if (previous === '' || next === '') return [...marked('-', previous, paint), ...marked('+', next, paint)];
  const patch = structuredPatch('', '', previous, next, '', '', { context: 2, maxEditLength: MAX_EDIT_LENGTH });
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
