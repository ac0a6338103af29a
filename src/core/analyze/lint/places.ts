import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type { Place } from './finding.ts';
import type { TableView } from './table-view.ts';

/** More lines than these help nobody; the message has the count. */
const MOST_RELATED = 20;

export function placesOf(table: TableView, chain: string, rules: readonly RulesetRule[]): readonly Place[] {
  return rules.slice(0, MOST_RELATED).map((rule) => table.place(chain, rule));
}

export function firstOf<T>(items: readonly T[]): readonly T[] {
  return items.slice(0, MOST_RELATED);
}

/** `a, b, c and 4 more` */
export function listed(names: readonly string[], most: number = 3): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

/** `1 rule`, `3 rules` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
