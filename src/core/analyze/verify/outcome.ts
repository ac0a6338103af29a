import type { Diagram } from './node-table.ts';
import { NEVER } from './node-table.ts';
import type { Tracking } from './view.ts';
import type { PacketPath } from './packet-path.ts';
import type { Tail } from './tail.ts';
import type { Ended, Path } from './packet-state.ts';
import type { Owner, RuleProgram } from './rule-program.ts';
import type { Place } from './place.ts';
import { WHOLE, type Share } from './shares.ts';
import type { Served } from './ipvs/served-places.ts';
import type { Workspace } from './workspace.ts';

/** What finally happens to some packets. */
export interface Outcome {
  readonly packets: Diagram;
  readonly share: Share;
  readonly verdict: Ended['verdict'];
  readonly owner: Owner | undefined;
  readonly unknown: RuleProgram | undefined;
  readonly policyOf: Ended['policyOf'];
  /** Undefined: before the routing decision. */
  readonly where: Tail['where'] | undefined;
  /** The destination that DNAT gave, or IPVS; undefined: the packet's own. */
  readonly translation: string | undefined;
  /** The virtual server that chose it, or refused. */
  readonly served: Served | undefined;
  readonly natOwner: Owner | undefined;
  readonly source: string | undefined;
  readonly sourceOwner: Owner | undefined;
  readonly passedBy: Owner | undefined;
  readonly mark: number;
  readonly stray: boolean;
  readonly remembered: readonly string[];
  /** The rules that matched, the last first: up to the routing decision, and behind it. */
  readonly paths: readonly [Path | undefined, Path | undefined];
}

/** What can be seen from outside: who did it does not count. */
export function outcomeKey({ verdict, translation, source }: Outcome): string {
  return verdict === 'accept' ? `accept ${translation ?? ''} ${source ?? ''}` : verdict;
}

/** INPUT is the last hook it met: packets to addresses of the node, and broadcasts and multicasts that arrive (ip_route_input_slow). */
export function isTakenIn({ where }: Outcome): boolean {
  return where === 'INPUT' || where === 'loopback';
}

/** The whole way of the packets of a place that are in `among`. */
export function outcomesOf(
  work: Workspace,
  path: PacketPath,
  place: Place,
  tracking: Tracking,
  arrivals: readonly Ended[],
  among: Diagram,
): readonly Outcome[] {
  const { diagrams, shares } = work;
  const found: Outcome[] = [];
  for (const arrival of arrivals) {
    const packets = diagrams.and(arrival.packets, among);
    if (packets === NEVER) continue;
    if (arrival.verdict !== 'accept') {
      found.push(outcome(arrival, arrival, packets, arrival.share, undefined));
      continue;
    }
    const { translation } = arrival.state;
    if (translation !== undefined && translation.address === undefined) {
      // REDIRECT, or a range: what the filters do then is not followed.
      found.push(outcome(arrival, arrival, packets, arrival.share, undefined));
      continue;
    }
    for (const tail of path.tails(place, arrival.state, tracking)) {
      const both = diagrams.and(packets, tail.packets);
      if (both === NEVER) continue;
      const share = tail.share === WHOLE ? arrival.share : multiplied(shares, arrival.share, tail.share);
      found.push(outcome(arrival, tail, both, share, tail));
    }
  }
  return found;
}

/** Random rules behind the routing decision are rare, and their shares are kept as they are where they follow no other draw. */
function multiplied(shares: Workspace['shares'], a: Share, b: Share): Share {
  return a === WHOLE ? b : shares.product(a, b);
}

function outcome(arrival: Ended, end: Ended, packets: Diagram, share: Share, tail: Tail | undefined): Outcome {
  return {
    packets,
    share,
    verdict: end.verdict,
    owner: end.owner,
    unknown: end.unknown,
    policyOf: end.policyOf,
    where: tail?.where,
    // Tails are shared by arrivals that differ in where they were sent.
    translation: (end.state.served === undefined ? arrival : end).state.translation?.text,
    served: end.state.served,
    natOwner: arrival.state.natOwner,
    source: end.state.source,
    sourceOwner: tail?.state.sourceOwner,
    passedBy: end.state.passedBy,
    mark: end.state.mark,
    stray: end.state.stray,
    remembered: end.state.remembered,
    paths: [arrival.path, tail?.path],
  };
}

export interface Chance {
  readonly share: Share;
  readonly packets: Diagram;
}

/** Chances that may speak of the same packets, as chances that do not. */
export function addedUp(work: Workspace, chances: readonly Chance[]): readonly Chance[] {
  const { diagrams, shares } = work;
  const pieces: { share: Share; packets: Diagram }[] = [];
  for (const chance of chances) {
    let left = chance.packets;
    for (const piece of pieces.slice()) {
      if (!diagrams.meets(piece.packets, left)) continue;
      const both = diagrams.and(piece.packets, left);
      left = diagrams.minus(left, both);
      piece.packets = diagrams.minus(piece.packets, both);
      pieces.push({ share: shares.plus(piece.share, chance.share), packets: both });
    }
    const same = pieces.find((piece) => piece.share === chance.share);
    if (same === undefined) pieces.push({ share: chance.share, packets: left });
    else same.packets = diagrams.or(same.packets, left);
  }
  return pieces.filter((piece) => piece.packets !== NEVER);
}
