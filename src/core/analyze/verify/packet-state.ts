import type { ChainProgram } from './chain-program.ts';
import type { Diagram } from './node-table.ts';
import type { Mark } from './mark-bits.ts';
import type { Owner, RuleProgram } from './rule-program.ts';
import type { Share } from './shares.ts';
import type { Served } from './ipvs/served-places.ts';

/** Where DNAT sends a packet. */
export interface Translation {
  /** `10.0.0.1:80`, `[fd00::1]:80`, or in words where it is no single address. */
  readonly text: string;
  /** Undefined where it is no single address: REDIRECT, a range. */
  readonly address: bigint | undefined;
  /** Undefined: the port stays. */
  readonly port: number | undefined;
}

/** What rules have done to a packet so far. */
export interface PacketState {
  readonly mark: Mark;
  readonly connmark: Mark;
  readonly translation: Translation | undefined;
  /** The virtual server that has taken it; IPVS does not look at it again. */
  readonly served: Served | undefined;
  /** Who ended the packet's way through nat PREROUTING or OUTPUT; undefined: nobody. */
  readonly natOwner: Owner | undefined;
  /** `masquerade`, or the address that SNAT gives; undefined: the source stays. */
  readonly source: string | undefined;
  readonly sourceOwner: Owner | undefined;
  /** `other` if a rule of others let the packet through a chain of filter before its end. kube-proxy's only if that is asked for. */
  readonly passedBy: Owner | undefined;
  /** Lists of -m recent that the packet was put into, as `RuleProgram.remembers`. */
  readonly remembered: readonly string[];
  /** kube-proxy's rules changed bits of the mark that are not its own. */
  readonly stray: boolean;
}

/** Packets that share a fate so far. */
export interface Entry {
  readonly state: PacketState;
  /** The chance to be here, for each of the packets. */
  readonly share: Share;
  readonly packets: Diagram;
  /** The rules that matched, the last first; only while recording. */
  readonly path: Path | undefined;
}

export interface Path {
  readonly rule: RuleProgram;
  readonly before: Path | undefined;
}

export type Verdict = 'accept' | 'drop' | 'unknown' | `reject ${string}`;

/** Packets that a table has done with. */
export interface Ended extends Entry {
  readonly verdict: Verdict;
  /** Undefined: the policy of the chain, or nobody. */
  readonly owner: Owner | undefined;
  /** Of `unknown`: the rule that nobody here understands. */
  readonly unknown: RuleProgram | undefined;
  /** The chain whose policy it was. */
  readonly policyOf: ChainProgram | undefined;
}

export function endedBy(
  { state, share, packets, path }: Entry,
  verdict: Verdict,
  rule: RuleProgram | undefined,
): Ended {
  return { state, share, packets, path, verdict, owner: rule?.owner, unknown: undefined, policyOf: undefined };
}

export function unknownAt(rule: RuleProgram, { state, share, packets, path }: Entry): Ended {
  const { owner } = rule;
  return { state, share, packets, path, verdict: 'unknown', owner, unknown: rule, policyOf: undefined };
}

export function droppedByPolicy(chain: ChainProgram, entry: Entry): Ended {
  return { ...endedBy(entry, 'drop', undefined), policyOf: chain };
}

export function sameState(a: PacketState, b: PacketState): boolean {
  return (
    a === b ||
    (a.mark === b.mark &&
      a.connmark === b.connmark &&
      a.translation === b.translation &&
      a.served === b.served &&
      a.natOwner === b.natOwner &&
      a.source === b.source &&
      a.sourceOwner === b.sourceOwner &&
      a.stray === b.stray &&
      a.passedBy === b.passedBy &&
      sameTexts(a.remembered, b.remembered))
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, i) => text === b[i]));
}
