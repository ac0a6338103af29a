import type { IpFamily } from '../../model/ip.ts';

/** What a family's changes mean to people: service ports by name, then chains that belong to none, then built-in and shared chains. */
export interface FamilySummary {
  readonly family: IpFamily;
  readonly items: readonly SummaryItem[];
}

/**
 * `service`: a service port. `chain`: a chain of ours that belongs to no service port, or to several. `jumps`: a chain that others write
 * too.
 */
export type SummaryKind = 'service' | 'chain' | 'jumps';

export interface SummaryItem {
  readonly kind: SummaryKind;
  /** A service port or chain that is new, goes, or goes on. */
  readonly change: 'add' | 'remove' | 'change';
  /** `namespace/name:port`, or the table and the chain: `nat KUBE-POSTROUTING`. */
  readonly name: string;
  /** What happens, one thing each, at least one. */
  readonly details: readonly string[];
  /** `nat/KUBE-SERVICES`: the changes of the plan that it tells of, or of a part of which, sorted. */
  readonly chains: readonly string[];
}

/** `3 endpoints`, `1 endpoint` */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const SHOWN = 3;

/** `a, b, c and 7 more` */
export function listOf(items: readonly string[]): string {
  if (items.length <= SHOWN + 1) return items.join(', ');
  return `${items.slice(0, SHOWN).join(', ')} and ${items.length - SHOWN} more`;
}
