import type { NatRange, NumberRange } from './rule-values.ts';

/** What happens to a packet that the rule matches. */
export type Target =
  | NoTarget
  | Verdict
  | Jump
  | RejectTarget
  | NatTarget
  | MasqueradeTarget
  | MarkTarget
  | ConnmarkTarget
  | LogTarget
  | NflogTarget
  | OpaqueTarget;

/** The rule counts, or only says something. */
export interface NoTarget {
  readonly kind: 'none';
}

export interface Verdict {
  readonly kind: 'accept' | 'drop' | 'return';
}

/** `-j CHAIN` or `-g CHAIN`. */
export interface Jump {
  readonly kind: 'jump' | 'goto';
  readonly chain: string;
}

export interface RejectTarget {
  readonly kind: 'reject';
  /** `icmp-port-unreachable`, `tcp-reset` ... */
  readonly with: string;
}

export interface NatTarget {
  readonly kind: 'dnat' | 'snat';
  readonly to: NatRange;
  readonly random: boolean;
  /** SNAT only. */
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

/** To the address of the interface: the one it leaves by (MASQUERADE), the one it came in by (REDIRECT). */
export interface MasqueradeTarget {
  readonly kind: 'masquerade' | 'redirect';
  readonly ports: NumberRange | undefined;
  readonly random: boolean;
  /** MASQUERADE only. */
  readonly randomFully: boolean;
}

/** `mark = (mark & ~mask) ^ value`; unsigned 32-bit numbers. All other ways to write it come down to this one. */
export interface MarkTarget {
  readonly kind: 'mark';
  readonly value: number;
  readonly mask: number;
}

export interface ConnmarkTarget {
  readonly kind: 'connmark';
  readonly change:
    | { readonly kind: 'set'; readonly value: number; readonly mask: number }
    | { readonly kind: 'save' | 'restore'; readonly packetMask: number; readonly connectionMask: number };
}

export interface LogTarget {
  readonly kind: 'log';
  readonly prefix: string | undefined;
  /** syslog's, 0-7; 4 if not given. */
  readonly level: number;
  /** In the order in which iptables-save prints them. */
  readonly flags: readonly LogFlag[];
}

export type LogFlag = 'tcp-sequence' | 'tcp-options' | 'ip-options' | 'uid' | 'macdecode';

export interface NflogTarget {
  readonly kind: 'nflog';
  readonly prefix: string | undefined;
  readonly group: number;
  readonly range: number | undefined;
  readonly size: number | undefined;
  readonly threshold: number | undefined;
}

/** A target that is not known, or cannot be read: kept as it was written. */
export interface OpaqueTarget {
  readonly kind: 'opaque';
  /** The name behind `-j`. */
  readonly name: string;
  /** Its options and their values, quoted as they were. */
  readonly words: readonly string[];
}
