import { sameAddress, type Address } from './address.ts';
import { stepsOf, type Connection, type Step, type Translation } from './course.ts';
import type { Arrived } from './pass-hooks.ts';
import { needsRouteLocalnet } from './routing.ts';
import { shareNumber } from './share.ts';
import type { Weight } from './weight.ts';

/** What becomes of the packet. */
export type Fate =
  /** A process of the node gets it. */
  | ({ readonly kind: 'delivered' } & FinalAddress)
  /** It came by an interface and leaves by one. */
  | ({ readonly kind: 'forwarded' } & FinalAddress)
  /** The node sent it, and it leaves. */
  | ({ readonly kind: 'sent' } & FinalAddress)
  /** `with` as in --reject-with. */
  | { readonly kind: 'rejected'; readonly with: string }
  | { readonly kind: 'dropped' }
  /** A target decides of which it is not known what it does. */
  | { readonly kind: 'unknown' };

interface FinalAddress {
  readonly address: Address;
  readonly port: number | undefined;
}

/** One way in which it may go, with all that can be said of it. */
export interface TraceOutcome {
  readonly fate: Fate;
  /** How likely, and under which conditions. */
  readonly weight: Weight;
  /** DNAT or REDIRECT of the first packet. */
  readonly destinationNat: Translation | undefined;
  /** The virtual server, and the real server that it was given. */
  readonly ipvs: Connection['ipvs'];
  /** SNAT or MASQUERADE of the first packet. */
  readonly sourceNat: Translation | undefined;
  /** At the end. */
  readonly mark: number;
  readonly connectionMark: number;
  /** It is sent back to where it came from: an endpoint that asked its own Service. */
  readonly hairpin: boolean;
  /** The rules that matched and what each did, in order; the last one decided. */
  readonly steps: readonly Step[];
  /** Rules that the kernel asked, matching or not. */
  readonly rulesAsked: number;
  /** 1, or how many ways lead to it; then `steps` are those of one of them. */
  readonly ways: number;
  /** Where it seems to come from at the end. */
  readonly source: Address;
  readonly sourcePort: number | undefined;
  /** Of a reply: the way of the packet that it replies to. */
  readonly first: TraceOutcome | undefined;
  /** Linux drops it unless route_localnet is set for the interface where it comes in, or leaves. */
  readonly needsRouteLocalnet: boolean;
}

export function outcomesOf(arrived: readonly Arrived[]): readonly TraceOutcome[] {
  const outcomes = arrived.map(outcomeOf);
  // Stable: equal shares stay in the order of the rules.
  return outcomes
    .map((outcome) => ({ outcome, likely: likelihood(outcome.weight) }))
    .sort((a, b) => b.likely - a.likely)
    .map(({ outcome }) => outcome);
}

function outcomeOf(one: Arrived): TraceOutcome {
  const { course, end, first } = one;
  const { header, connection } = course;
  const { original, destinationNat, sourceNat, ipvs } = connection;
  const isGiven = destinationNat !== undefined || ipvs !== undefined;
  const isOn = end === 'local' || end === 'away';
  return {
    fate: fateOf(one),
    weight: course.weight,
    destinationNat,
    ipvs,
    sourceNat,
    mark: course.mark,
    connectionMark: connection.mark,
    source: header.source,
    sourcePort: header.sourcePort,
    first: first && outcomeOf(first),
    hairpin: isOn && first === undefined && isGiven && sameAddress(header.destination, original.source),
    steps: stepsOf(course.path),
    rulesAsked: course.cost,
    ways: course.ways,
    needsRouteLocalnet: isOn && needsRouteLocalnet(one),
  };
}

function fateOf({ course: { header, path }, end, origin }: Arrived): Fate {
  const { destination: address, destinationPort: port } = header;
  switch (end) {
    case 'local':
      return { kind: 'delivered', address, port };
    case 'away':
      return { kind: origin === 'node' ? 'sent' : 'forwarded', address, port };
    case 'reject': {
      const effect = path?.step.effect;
      return { kind: 'rejected', with: effect?.kind === 'reject' ? effect.with : '' };
    }
    case 'drop':
      return { kind: 'dropped' };
    case 'unknown':
      return { kind: 'unknown' };
  }
}

/** Whether the packet was given another destination: by NAT, or by IPVS. */
export function isRedirected({ destinationNat, ipvs }: Pick<TraceOutcome, 'destinationNat' | 'ipvs'>): boolean {
  return destinationNat !== undefined || ipvs !== undefined;
}

/** Only for sorting. */
function likelihood(weight: Weight): number {
  return weight.reduce((sum, { share }) => sum + (share === undefined ? 0 : shareNumber(share)), 0);
}
