import { ruleLines } from '../rule-lines.ts';
import { without } from '../same-rules.ts';
import { countOf } from './summary.ts';

/** How two texts of one chain differ, where nothing more is known about their rules. */
export function ruleChange(previous: string, next: string): string {
  const [before, after] = [ruleLines(previous), ruleLines(next)];
  const added = without(after, before);
  const removed = without(before, after);
  if (added.length === 0 && removed.length === 0) return 'rules in another order';
  if (sameWithoutComments(before, after)) return 'comments changed';
  const counts = [
    ...(added.length > 0 ? [`${countOf(added.length, 'rule')} added`] : []),
    ...(removed.length > 0 ? [`${countOf(removed.length, 'rule')} removed`] : []),
  ];
  return counts.join(', ');
}

function sameWithoutComments(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => withoutComment(line) === withoutComment(b[i] ?? ''));
}

function withoutComment(line: string): string {
  return line.replace(/ -m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/g, '');
}
