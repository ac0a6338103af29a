import type { FaultKind } from './finding.ts';
import type { FrontendKind } from './specification.ts';
import type { ExamplePacket } from './example.ts';
import type { Fraction } from './shares.ts';

/** A rule, or a chain that lacks one. */
export interface BlamedRule {
  readonly table: string;
  readonly chain: string;
  /** 1-based line in the dump; undefined for a chain that is not there. */
  readonly line: number | undefined;
  /** Undefined: the chain itself, as a rule is missing there. */
  readonly text: string | undefined;
}

/** One thing that happens to a packet, with its chance. */
export interface ActualOutcome {
  readonly verdict: string;
  /** `10.0.0.1:80`: where DNAT sends it; undefined: nowhere. */
  readonly endpoint: string | undefined;
  /** `masquerade`, or the address that SNAT gives. */
  readonly source: string | undefined;
  /** kube-proxy's mark is on the packet when it leaves. */
  readonly markLeft: boolean;
  /** Lists of -m recent that the client is put into. */
  readonly remembered: readonly string[];
  readonly share: Fraction;
  /** Where IPVS chooses: of that share, the part of this real server, `part / whole`. */
  readonly real?: { readonly part: number; readonly whole: number };
  /** As a decimal. */
  readonly chance: number;
  /** The rules that matched, in order. */
  readonly path: readonly BlamedRule[];
}

export interface ExpectedEndpoint {
  readonly endpoint: string;
  readonly masquerade: boolean;
}

export type ExpectedOutcome =
  /** One of these; with equal chances, unless the client is remembered by some of them. Without seconds there is no affinity. */
  | {
      readonly kind: 'endpoints';
      readonly endpoints: readonly ExpectedEndpoint[];
      readonly affinity: boolean;
      readonly affinitySeconds?: number;
    }
  | { readonly kind: 'refused'; readonly verdicts: readonly ('drop' | 'reject')[] }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'dropped' };

/** One cause, with a packet that shows it. */
export interface Difference {
  readonly kind: FaultKind;
  /** `namespace/name:port`; undefined where packets of no Service are concerned. */
  readonly service: string | undefined;
  readonly protocol: string | undefined;
  readonly frontend: FrontendKind | undefined;
  /** Further service ports that the same rules break in the same way. */
  readonly otherServices: readonly string[];
  readonly packet: ExamplePacket;
  readonly expected: ExpectedOutcome;
  /** With exact chances; they add up to 1. */
  readonly actual: readonly ActualOutcome[];
  /** The rules to blame, the first most. */
  readonly blame: readonly BlamedRule[];
}

/** What cannot be decided, because of one rule. */
export interface Undecided {
  /** Undefined: no single rule, but too many together. */
  readonly rule: BlamedRule | undefined;
  readonly reason: string;
  /** Service ports that it could affect. */
  readonly services: readonly string[];
  /** It could also affect packets of no Service. */
  readonly others: boolean;
  readonly packet: ExamplePacket | undefined;
}

export interface VerifyStats {
  readonly rules: number;
  readonly servicePorts: number;
  readonly endpoints: number;
  /** Pieces of the destination addresses that rules and specification tell apart: single frontends, and regions. */
  readonly points: number;
  readonly regions: number;
  /** Classes of destinations (address, protocol, port) that were decided. */
  readonly classes: number;
}

export interface VerifyResult {
  /** `undecided` only if there is no difference. */
  readonly verdict: 'proved' | 'refuted' | 'undecided';
  /** Sorted by service, frontend and kind; those of no Service last. */
  readonly differences: readonly Difference[];
  /** What rules of others change, where that was to be ignored. */
  readonly tolerated: readonly Difference[];
  readonly undecided: readonly Undecided[];
  readonly stats: VerifyStats;
}
