import { dispatchOrder } from './dispatch-order.ts';
import { ruleLines } from './rule-lines.ts';

/** A rule in its one spelling: two lines mean the same if this makes them equal. Handed in, as the parser is a sibling of this folder. */
export type Canonical = (line: string) => string;

/** Whether two texts of one chain mean the same: equal but for spelling, and for the order of rules that cannot both match. */
export function sameRules(chain: string, a: string, b: string, canonical: Canonical): boolean {
  if (a === b) return true;
  const left = ruleLines(a);
  const right = ruleLines(b);
  if (left.length !== right.length) return false;
  const ordered = dispatchOrder(chain, left.map(canonical));
  const wanted = dispatchOrder(chain, right.map(canonical));
  return ordered.every((line, i) => line === wanted[i]);
}
