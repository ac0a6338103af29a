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
  if (patch === undefined) {
    return [...head, `too many differences to show: ${lineCount(before)} lines expected, ${lineCount(after)} compiled`];
  }
  const hunks = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
  return [...head, ...hunks];
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
