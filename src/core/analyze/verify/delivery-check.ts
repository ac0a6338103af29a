import { addressNumber } from './address-number.ts';
import { fullMask } from '../../ruleset/ip-network.ts';
import type { Endpoint } from '../../services/endpoint.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import type { Doubt, FaultKind, Finding } from './finding.ts';
import { NEW_TYPE, DESTINATION_TYPE } from './levels.ts';
import { askedFor, type ListOwner } from './list-owner.ts';
import type { Matcher } from './matcher.ts';
import type { PacketPath } from './packet-path.ts';
import type { Tail } from './tail.ts';
import type { Ended } from './packet-state.ts';
import { placeKeys, type Place } from './place.ts';
import { addedUp, type Chance } from './outcome.ts';
import { WHOLE } from './shares.ts';
import type { Requirements } from './requirements.ts';
import { single, type Delivery } from './specification.ts';
import type { Workspace } from './workspace.ts';

/**
 * How near to 1/n the share of each of n endpoints must be: 2^-31. kube-proxy writes the chance of rule i (from 0) as 1/(n-i) with ten
 * decimals, and iptables rounds it to a multiple of 2^-31, so each threshold is off by at most d = 2^-32 + 5e-11 < 0.61 * 2^-31. What is
 * left before rule i is then (n-i)/n, relatively off by at most (i + ln n) d, and the share of endpoint i by at most
 * ((i + ln n) + (n - i)) d / n = (1 + ln(n)/n) d < 1.4 d < 2^-31 (libxt_statistic.c, kube-proxy's computeProbability). Up to n = 100,000
 * the worst is really 0.61 * 2^-31.
 */
export const SHARE_SLACK_BITS = 31;

export interface CheckParts {
  readonly work: Workspace;
  readonly matcher: Matcher;
  readonly specification: Requirements;
  readonly path: PacketPath;
  /** The same without kube-proxy's rules. */
  readonly pathOfOthers: PacketPath;
  readonly markBit: number;
  readonly found: (finding: Finding) => void;
  readonly doubted: (doubt: Doubt) => void;
  /** What each list of -m recent is for; two must not share one. */
  readonly listOwners: Map<string, ListOwner>;
}

interface Arrival extends Ended {
  readonly endpoint: Endpoint;
}

/** Checks what happens to packets that must go to endpoints. */
export class DeliveryCheck {
  readonly #parts: CheckParts;
  readonly #place: Place;
  readonly #delivery: Delivery;
  /** The packets of the delivery, without those of which nothing is known. */
  #packets: Diagram;
  /** Those of them that do not all come to an endpoint: their shares say nothing new. */
  #lost: Diagram = NEVER;

  constructor(parts: CheckParts, place: Place, delivery: Delivery) {
    this.#parts = parts;
    this.#place = place;
    this.#delivery = delivery;
    this.#packets = delivery.packets;
  }

  run(arrivals: readonly Ended[]): void {
    const { work } = this.#parts;
    const { diagrams } = work;
    for (const { unknown, packets } of arrivals) {
      if (unknown === undefined || !diagrams.meets(packets, this.#packets)) continue;
      this.#doubt(unknown, diagrams.and(packets, this.#packets));
      this.#packets = diagrams.minus(this.#packets, packets);
    }
    const byEndpoint = this.#arrivals(arrivals);
    let uniform = this.#packets;
    if (this.#delivery.port.affinitySeconds !== undefined) uniform = this.#affinity(byEndpoint);
    this.#shares(byEndpoint, work.diagrams.minus(uniform, this.#lost));
    for (const list of byEndpoint.values()) for (const arrival of list) this.#afterTranslation(arrival);
  }

  #report(kind: FaultKind, packets: Diagram, through?: string): void {
    if (packets === NEVER) return;
    const { place, delivery } = { place: this.#place, delivery: this.#delivery };
    this.#parts.found({
      kind,
      frontend: delivery,
      place,
      tracking: 'NEW',
      packets,
      through,
      expected: { kind: 'deliver', delivery },
    });
  }

  #doubt(rule: Doubt['rule'], packets: Diagram): void {
    if (packets !== NEVER)
      this.#parts.doubted({ rule, frontend: this.#delivery, place: this.#place, tracking: 'NEW', packets });
  }

  /** Those that come to endpoints, by endpoint; what comes elsewhere is reported. */
  #arrivals(arrivals: readonly Ended[]): ReadonlyMap<Endpoint, readonly Arrival[]> {
    const { diagrams } = this.#parts.work;
    const byAddress = new Map(
      this.#delivery.endpoints.map((endpoint) => [`${addressNumber(endpoint.ip)} ${endpoint.port}`, endpoint]),
    );
    const found = new Map<Endpoint, Arrival[]>(this.#delivery.endpoints.map((endpoint) => [endpoint, []]));
    for (const entry of arrivals) {
      if (entry.verdict === 'unknown' || !diagrams.meets(entry.packets, this.#packets)) continue;
      const { translation, natOwner } = entry.state;
      const endpoint =
        translation && byAddress.get(`${translation.address} ${translation.port ?? this.#place.port ?? 0}`);
      if (entry.verdict === 'accept' && endpoint !== undefined) found.get(endpoint)?.push({ ...entry, endpoint });
      else {
        const wrong: FaultKind =
          entry.verdict !== 'accept' ? 'refused' : translation === undefined ? 'not-delivered' : 'wrong-endpoint';
        const byOthers = entry.verdict === 'accept' ? natOwner === 'other' : entry.owner !== 'kube';
        const packets = diagrams.and(entry.packets, this.#packets);
        this.#lost = diagrams.or(this.#lost, packets);
        this.#report(byOthers ? 'changed-by-others' : wrong, packets, translation?.text);
      }
    }
    return found;
  }

  /** Checks the packets of known clients; those of clients that are not known are returned. */
  #affinity(byEndpoint: ReadonlyMap<Endpoint, readonly Arrival[]>): Diagram {
    const { diagrams } = this.#parts.work;
    const lists = new Map<Endpoint, Diagram>();
    for (const [endpoint, arrivals] of byEndpoint) lists.set(endpoint, this.#listOf(endpoint, arrivals));
    let known = NEVER;
    for (const remembered of lists.values()) known = diagrams.or(known, remembered);
    let isBroken = [...lists.values()].includes(NEVER);
    const returning = diagrams.and(this.#packets, known);
    for (const [endpoint, arrivals] of byEndpoint) {
      const own = lists.get(endpoint) ?? NEVER;
      for (const { packets } of arrivals) {
        if (!diagrams.meets(packets, returning)) continue;
        const astray = diagrams.minus(diagrams.and(packets, returning), own);
        isBroken ||= astray !== NEVER;
        this.#report('affinity', astray, endpoint.text);
      }
    }
    // Lists that are not filled or not asked for are reported; shares are then those of clients that no list at all remembers.
    const others = isBroken ? this.#otherLists(byEndpoint) : NEVER;
    return diagrams.minus(diagrams.minus(this.#packets, known), others);
  }

  /** Clients in any of the lists that the ways to endpoints ask for. */
  #otherLists(byEndpoint: ReadonlyMap<Endpoint, readonly Arrival[]>): Diagram {
    const { diagrams, conditions } = this.#parts.work;
    let result = NEVER;
    for (const { packets } of [...byEndpoint.values()].flat()) {
      for (const level of diagrams.levelsOf(packets)) {
        if (conditions.at(level)?.kind === 'recent') result = diagrams.or(result, diagrams.range(level, 1, 1));
      }
    }
    return result;
  }

  /** Packets of clients that an endpoint's list remembers. */
  #listOf(endpoint: Endpoint, arrivals: readonly Arrival[]): Diagram {
    const { diagrams } = this.#parts.work;
    const { affinitySeconds } = this.#delivery.port;
    const suffix = `source/${fullMask(endpoint.ip.family)}`;
    const key = `${this.#delivery.port.name} ${this.#delivery.port.protocol} ${endpoint.text}`;
    const { listOwners, work } = this.#parts;
    const asked = askedFor(work, arrivals);
    const own = (list: string): boolean => {
      const owner = listOwners.get(list);
      return (
        list.endsWith(` ${suffix}`) &&
        (owner === undefined ||
          owner.key === key ||
          (asked.has(list) && !owner.isAsked && owner.generation === work.generation))
      );
    };
    const [first] = arrivals;
    const list = first?.state.remembered.find(
      (name) => own(name) && arrivals.every(({ state }) => state.remembered.includes(name)),
    );
    const accuse = (): void => {
      for (const { packets } of arrivals) this.#report('affinity', diagrams.and(packets, this.#packets), endpoint.text);
    };
    if (list === undefined) {
      accuse();
      return NEVER;
    }
    const before = listOwners.get(list);
    if (before !== undefined && before.key !== key) before.accuse();
    if (before?.key !== key || !before.isAsked) {
      listOwners.set(list, { key, isAsked: asked.has(list), accuse, generation: work.generation });
    }
    return this.#parts.matcher.recent(list.slice(0, -suffix.length - 1), suffix, affinitySeconds);
  }

  #shares(byEndpoint: ReadonlyMap<Endpoint, readonly Arrival[]>, packets: Diagram): void {
    const { diagrams, shares } = this.#parts.work;
    const count = this.#delivery.endpoints.length;
    for (const [endpoint, arrivals] of byEndpoint) {
      let missing = packets;
      for (const { share, packets: some } of this.#chances(arrivals, packets)) {
        missing = diagrams.minus(missing, some);
        const right = count === 1 ? share === WHOLE : shares.isWithin(share, 1, count, SHARE_SLACK_BITS);
        if (!right) this.#report('uneven-shares', some, endpoint.text);
      }
      this.#report('uneven-shares', missing, endpoint.text);
    }
  }

  /** The chances to come to one endpoint, with the packets that have each. */
  #chances(arrivals: readonly Arrival[], among: Diagram): readonly Chance[] {
    const { work } = this.#parts;
    return addedUp(
      work,
      arrivals.map(({ share, packets }) => ({ share, packets: work.diagrams.and(packets, among) })),
    );
  }

  /** The filters and POSTROUTING, on the way to an endpoint. */
  #afterTranslation(arrival: Arrival): void {
    const { diagrams, sources } = this.#parts.work;
    const { endpoint, state } = arrival;
    const { masquerade } = this.#delivery;
    const toItself = sources.diagram(diagrams, single(endpoint.ip));
    const wanted = masquerade === ALWAYS ? ALWAYS : diagrams.or(masquerade, toItself);
    for (const tail of this.#parts.path.tails(this.#place, state, 'NEW')) {
      const here = (): Diagram => diagrams.and(diagrams.and(arrival.packets, this.#packets), tail.packets);
      if (tail.unknown !== undefined) this.#doubt(tail.unknown, here());
      else if (tail.verdict === 'accept') this.#masqueraded(arrival, tail, wanted);
      else this.#stopped(arrival, tail, here(), wanted);
    }
  }

  #masqueraded(arrival: Arrival, tail: Tail, wanted: Diagram): void {
    const { diagrams, marks } = this.#parts.work;
    const { text } = arrival.endpoint;
    const some = (set: Diagram): Diagram => {
      // In this order: in most cases the first is empty already.
      const first = diagrams.and(arrival.packets, set);
      return first === NEVER ? NEVER : diagrams.and(diagrams.and(first, this.#packets), tail.packets);
    };
    if (tail.state.stray || arrival.state.stray) this.#report('foreign-mark-bits', some(ALWAYS), text);
    if (tail.where === 'INPUT') return;
    const isMarked = marks.isSet(tail.state.mark, this.#parts.markBit);
    const isTranslated = tail.state.source !== undefined;
    const byOthers = tail.state.sourceOwner === 'other';
    const wrong: FaultKind = isTranslated ? 'masquerade-unwanted' : 'masquerade-missing';
    const unwanted = (): Diagram => (wanted === ALWAYS ? NEVER : diagrams.not(wanted));
    this.#report(byOthers ? 'changed-by-others' : wrong, some(isTranslated ? unwanted() : wanted), text);
    // Where the masquerading is wrong, a mark that stays is the same fault; where others masquerade first, it is nobody's.
    if (isMarked && !byOthers) this.#report('mark-left', some(isTranslated ? wanted : unwanted()), text);
    this.#notRefused(arrival, tail);
  }

  /** An endpoint can be a frontend without endpoints itself. */
  #notRefused(arrival: Arrival, tail: Tail): void {
    const { diagrams } = this.#parts.work;
    for (const { must } of this.#refusalsBehind(arrival)) {
      this.#report(
        'not-refused',
        diagrams.and(diagrams.and(arrival.packets, this.#packets), diagrams.and(tail.packets, must)),
        arrival.endpoint.text,
      );
    }
  }

  #refusalsBehind({ endpoint }: Arrival): ReturnType<Requirements['refusals']> {
    const { place, level } = this.#placeOf(endpoint);
    return this.#parts.specification.refusals(place, level);
  }

  #placeOf({ ip, port, text }: Endpoint): { readonly place: Place; readonly level: number } {
    const address = addressNumber(ip);
    const place = this.#parts.path.destination(this.#place, { text, address, port }) ?? this.#place;
    return {
      place: { ...place, ...keysOf(address, place.protocol, port) },
      level: address === this.#place.address ? DESTINATION_TYPE : NEW_TYPE,
    };
  }

  #stopped(arrival: Arrival, tail: Tail, packets: Diagram, wanted: Diagram): void {
    const { diagrams } = this.#parts.work;
    const { text } = arrival.endpoint;
    if (tail.owner === 'other') return this.#report('changed-by-others', packets, text);
    if (tail.owner === undefined) {
      // A policy is the administrator's, but what is marked for masquerading is let through before it (KUBE-FORWARD).
      return tail.where === 'FORWARD' ? this.#report('refused', diagrams.and(packets, wanted), text) : undefined;
    }
    let left = packets;
    for (const { verdict, must, may } of this.#refusalsBehind(arrival)) {
      if (tail.verdict.startsWith(verdict)) left = diagrams.minus(left, diagrams.or(must, may));
    }
    this.#report('refused', left, text);
  }
}

function keysOf(
  address: bigint,
  protocol: number,
  port: number,
): Pick<Place, 'exactKey' | 'portKey' | 'addressKey' | 'address' | 'port'> {
  return { address, port, ...placeKeys(address, protocol, port) };
}
