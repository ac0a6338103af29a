import { dispatchOrder, isDispatchChain } from './dispatch-order.ts';
import { ruleLines } from './rule-lines.ts';

/** A rule in its one spelling: two lines mean the same if this makes them equal. Handed in, as the parser is a sibling of this folder. */
export type Canonical = (line: string) => string;

/** Whether two texts of one chain mean the same: equal but for spelling, and for the order of rules that cannot both match. */
export function sameRules(chain: string, a: string, b: string, canonical: Canonical): boolean {
  if (a === b) return true;
  const left = ruleLines(a);
  const right = ruleLines(b);
  if (left.length !== right.length) return false;
  if (!isDispatchChain(chain)) return left.every((line, i) => sameRule(line, right[i] ?? '', canonical));
  if (sameLines(dispatchOrder(chain, left), dispatchOrder(chain, right))) return true;
  return sameBag(left, right, canonical) && sameCanonically(chain, left, right, canonical);
}

function sameRule(a: string, b: string, canonical: Canonical): boolean {
  return a === b || canonical(a) === canonical(b);
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.every((line, i) => line === b[i]);
}

/** In any order, to begin with: reading rules is what costs, and so only those are read whose text is on one side. */
function sameBag(a: readonly string[], b: readonly string[], canonical: Canonical): boolean {
  const left = without(a, b).map(canonical).sort();
  const right = without(b, a).map(canonical).sort();
  return sameLines(left, right);
}

function sameCanonically(chain: string, a: readonly string[], b: readonly string[], canonical: Canonical): boolean {
  return sameLines(dispatchOrder(chain, a.map(canonical)), dispatchOrder(chain, b.map(canonical)));
}

/** What `lines` has more of than `others`, each line as often as it is there more. */
export function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}
