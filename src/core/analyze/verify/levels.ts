// The variables of a packet, in the order in which diagrams ask them.

/** 0: made by the node itself; else the class of interfaces that it comes in by, from 1. */
export const ORIGIN = 0;
/** A range of source addresses, as its number. */
export const SOURCE = 1;
export const SOURCE_PORT = 2;
/** The routing type of the source address, of the destination, and of the destination that DNAT has given. */
export const SOURCE_TYPE = 3;
export const DESTINATION_TYPE = 4;
export const NEW_TYPE = 5;
/** The class of interfaces that the packet leaves by, before and after DNAT. */
export const OUT = 6;
export const NEW_OUT = 7;
/** The six flags of TCP. */
export const TCP_FLAG_BITS = 8;
/** 256 * type + code. */
export const ICMP_TYPE = 9;
/** The bits of the mark that a packet brings along, and those of its connection. */
export const FIRST_MARK_BIT = 16;
export const FIRST_CONNMARK_BIT = 48;
/** Whether the destination of a connection that exists already was translated. */
export const WAS_TRANSLATED = 80;

/** State of the node that rules ask for: members of sets, limits. */
const FIRST_STATE = 1000;
/**
 * Lists of -m recent. The one met last is asked first: a chain with session affinity asks its lists one after the other, and so each
 * step adds a node on top of a diagram in place of rebuilding it.
 */
const LAST_RECENT = 2_000_000_000;
/** What nobody here can decide. Last, so that `Diagrams.whatever` can look through. */
export const FIRST_OPAQUE = 2_000_000_001;

/** What a variable with a level of its own stands for. */
export type Condition =
  SetCondition | RecentCondition | { readonly kind: 'state' | 'opaque'; readonly text: string; readonly rule: number };

export interface SetCondition {
  readonly kind: 'set';
  readonly name: string;
  readonly directions: string;
  /** The destination is the one that DNAT has given. */
  readonly translated: boolean;
}

export interface RecentCondition {
  readonly kind: 'recent';
  readonly list: string;
  /** What the list remembers: `source/255.255.255.255`. */
  readonly remembers: string;
  readonly seconds: number | undefined;
  /** Further options that decide, as text; usually empty. */
  readonly more: string;
}

/** Gives levels to conditions, the same one to the same condition. */
export class Conditions {
  readonly #levels = new Map<string, number>();
  readonly #conditions = new Map<number, Condition>();
  #states = FIRST_STATE;
  #recents = LAST_RECENT;
  #opaque = FIRST_OPAQUE;

  levelOf(condition: Condition): number {
    const key = keyOf(condition);
    const known = this.#levels.get(key);
    if (known !== undefined) return known;
    const level = this.#next(condition);
    this.#levels.set(key, level);
    this.#conditions.set(level, condition);
    return level;
  }

  /** Undefined for levels that no condition has. */
  at(level: number): Condition | undefined {
    return this.#conditions.get(level);
  }

  #next({ kind }: Condition): number {
    if (kind === 'recent') return (this.#recents -= 1);
    if (kind === 'opaque') return (this.#opaque += 1);
    return (this.#states += 1);
  }
}

function keyOf(condition: Condition): string {
  switch (condition.kind) {
    case 'set':
      return `set ${condition.name} ${condition.directions} ${condition.translated}`;
    case 'recent':
      return `recent ${condition.list} ${condition.remembers} ${condition.seconds ?? ''} ${condition.more}`;
    case 'state':
      return `state ${condition.text}`;
    case 'opaque':
      return `opaque ${condition.rule} ${condition.text}`;
  }
}
