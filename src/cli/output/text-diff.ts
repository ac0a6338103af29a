import { structuredPatch } from 'diff';

/** Beyond so many different lines a diff says nothing any more, and takes seconds. */
const MAX_EDIT_LENGTH = 2000;

/** Lines shown before and after those that differ. */
const CONTEXT = 2;

/** A unified diff of two texts, as lines; none if they are equal. */
export function textDiff(before: string, after: string, name: string): readonly string[] {
  if (before === after) return [];
  const head = [`--- expected ${name}`, `+++ compiled ${name}`];
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT, maxEditLength: MAX_EDIT_LENGTH });
  if (patch === undefined) return [...head, ...firstDifference(before.split('\n'), after.split('\n'))];
  const hunks = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
  return [...head, ...hunks];
}

/** Of texts that differ in too many places to show them all. */
function firstDifference(before: readonly string[], after: readonly string[]): readonly string[] {
  const at = before.findIndex((line, i) => line !== after[i]);
  const row = at === -1 ? before.length : at;
  return [
    `@@ -${row + 1} +${row + 1} @@`,
    ...before.slice(row, row + 1).map((line) => `-${line}`),
    ...after.slice(row, row + 1).map((line) => `+${line}`),
    `too many differences to show more: ${before.length - 1} lines expected, ${after.length - 1} compiled`,
  ];
}
