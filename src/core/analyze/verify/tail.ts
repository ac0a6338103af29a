import { NEVER, type Diagram } from './node-table.ts';
import { endedBy, type Ended, type Entry, type Translation } from './packet-state.ts';
import type { View } from './view.ts';

/** The tables that a hook asks, in the kernel's order of priorities, without nat. */
export const BEFORE_NAT = ['raw', 'mangle'] as const;
export const FILTERS = ['mangle', 'filter', 'security'] as const;

/** What becomes of packets once nat PREROUTING or OUTPUT has let them go. */
export interface Tail extends Ended {
  /** The last hook they met. Only POSTROUTING translates sources; packets by lo come to INPUT behind it. */
  readonly where: 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING' | 'loopback';
}

/** Runs tables of a hook; what ends there is kept, the rest is returned. */
export type RunTables = (
  tables: readonly string[],
  chain: string,
  where: Tail['where'],
  from: readonly Entry[],
  view?: View,
) => readonly Entry[];

/** Entries that have got through all hooks. @param translation what IPVS has given them */
export function tailsAt(where: Tail['where'], entries: readonly Entry[], translation?: Translation): readonly Tail[] {
  return entries.map((entry) => {
    const state = translation === undefined ? entry.state : { ...entry.state, translation };
    return { ...endedBy({ ...entry, state }, 'accept', undefined), where };
  });
}

/** Entries with only some of their packets; those that have none left are gone. */
export function within(entries: readonly Entry[], part: (packets: Diagram) => Diagram): readonly Entry[] {
  return entries
    .map((entry) => ({ ...entry, packets: part(entry.packets) }))
    .filter(({ packets }) => packets !== NEVER);
}
