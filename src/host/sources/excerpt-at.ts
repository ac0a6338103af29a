import { excerptOf } from '../../core/diag/source-location.ts';

/** An excerpt of a part of a file: `row` and `column` (from 1) are those of the part, `line` is the number to print. */
export function excerptAt(part: string, row: number, column: number, line: number): string {
  const excerpt = excerptOf(part, row, column);
  const wider = ' '.repeat(String(line).length - String(row).length);
  return excerpt.replace(String(row), String(line)).replace('\n', `\n${wider}`);
}
