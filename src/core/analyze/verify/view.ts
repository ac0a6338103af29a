import type { Place } from './place.ts';

/** What connection tracking thinks of the packet. */
export type Tracking = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/**
 * Where a packet meets rules. PREROUTING and OUTPUT are one: which of the two it is, and with that the interfaces, is told by the
 * packet's origin, and so rules that both lead to are evaluated once.
 */
export type Hook = 'first' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

export interface View {
  readonly hook: Hook;
  readonly tracking: Tracking;
  /** The destination as the packet has it now. */
  readonly place: Place;
  /** The level of that destination's routing type, and of the interface that it leads to. */
  readonly typeLevel: number;
  readonly outLevel: number;
  /** The destination that the packet came with. */
  readonly original: Place;
  readonly originalTypeLevel: number;
}
