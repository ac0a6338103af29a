import { createTwoFilesPatch } from 'diff';

/** Beyond so many changed lines a diff says nothing, and takes seconds. */
const MAX_EDIT_LENGTH = 2000;

/** A unified diff from `expected` to `actual`; undefined where they are equal. */
export function unifiedDiff(expected: string, actual: string, name: string): string | undefined {
  if (expected === actual) return undefined;
  const patch = createTwoFilesPatch(`expected ${name}`, `actual ${name}`, expected, actual, undefined, undefined, {
    context: 2,
    maxEditLength: MAX_EDIT_LENGTH,
  });
  return patch ?? `${name}: more than ${MAX_EDIT_LENGTH} lines differ`;
}
