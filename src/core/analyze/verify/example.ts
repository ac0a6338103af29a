import { ipFromNumber, ipToNumber, savedIpText, type Ip, type IpFamily } from '../../model/ip.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import * as level from './levels.ts';
import type { Tracking } from './view.ts';
import type { Place } from './place.ts';
import type { Workspace } from './workspace.ts';

/** One packet out of a set, with everything that rules can ask of it. */
export interface ExamplePacket {
  /** The name of the interface that it arrives by; undefined: this node makes it. */
  readonly inInterface: string | undefined;
  readonly source: string;
  readonly sourceIsLocal: boolean;
  /** Undefined for protocols without ports. */
  readonly sourcePort: number | undefined;
  readonly destination: string;
  readonly destinationIsLocal: boolean;
  readonly destinationPort: number | undefined;
  /** IANA's number. */
  readonly protocol: number;
  readonly tracking: Tracking;
  /** The mark that it brings along. */
  readonly mark: number;
  /** Where DNAT sends it, if rules depend on more of that: whether it is an address of the node, and the interface that leads there. */
  readonly endpointIsLocal: boolean;
  readonly outInterface: string | undefined;
  readonly newOutInterface: string | undefined;
  /** Flags of TCP as in its header, type and code of ICMP, as far as rules ask for them. */
  readonly tcpFlags: number | undefined;
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
  readonly wasTranslated: boolean;
  /** What else must hold for the example, and what must not. */
  readonly conditions: readonly { readonly condition: level.Condition; readonly holds: boolean }[];
}

export interface Example {
  readonly packet: ExamplePacket;
  readonly valueOf: (level: number) => number;
}

/**
 * How hard it is to believe in a packet; 0 is usual. With a source of the node's own by an interface the kernel drops it once PREROUTING is
 * done, unless accept_local is set (fib_validate_source); and few programs give 127.0.0.1 as their address to others.
 */
export function strangeness({ inInterface, source, sourceIsLocal }: ExamplePacket): number {
  if (inInterface !== undefined && sourceIsLocal) return 2;
  return source.startsWith('127.') || source === '::1' ? 1 : 0;
}

export interface ExampleFacts {
  readonly family: IpFamily;
  readonly nodeIp: Ip;
  /** Addresses that the example may come from, the best first. */
  readonly sources: readonly bigint[];
}

const USUAL_SOURCE_PORT = 40_000;
const SYN = 2;
const ECHO_REQUEST = 8 * 256;
/** Contradictory packets that are tried before none is thought to exist. */
const MOST_TRIES = 60;

/** Chooses packets that people can imagine. */
export class ExampleFinder {
  readonly #work: Workspace;
  readonly #facts: ExampleFacts;

  constructor(work: Workspace, facts: ExampleFacts) {
    this.#work = work;
    this.#facts = facts;
  }

  /** Undefined if no packet of the set can be: diagrams do not know that one address is of one kind, wherever it stands. */
  find(packets: Diagram, place: Place, tracking: Tracking, through: bigint | undefined): Example | undefined {
    const { diagrams } = this.#work;
    let left = packets;
    for (let tries = 0; tries < MOST_TRIES && left !== NEVER; tries++) {
      const chosen = this.#choose(left, place);
      const example = this.#example(chosen, place, tracking);
      if (this.#isConsistent(example, place, through)) return example;
      left = diagrams.minus(left, chosen);
    }
    return undefined;
  }

  /** Narrows a set to one way of being in it, by what is usual. */
  #choose(packets: Diagram, place: Place): Diagram {
    const { diagrams, sources } = this.#work;
    let left = packets;
    const prefer = (set: Diagram): void => {
      if (diagrams.meets(left, set)) left = diagrams.and(left, set);
    };
    const own = diagrams.range(level.ORIGIN, 0, 0);
    prefer(diagrams.not(own));
    prefer(diagrams.range(level.SOURCE_TYPE, 0, 0));
    const nodeIp = ipToNumber(this.#facts.nodeIp);
    for (const address of diagrams.meets(left, own) ? [nodeIp, ...this.#facts.sources] : this.#facts.sources) {
      if (address === place.address) continue;
      const index = sources.indexOf(address);
      prefer(diagrams.range(level.SOURCE, index, index));
    }
    for (let changed = true; changed;) {
      changed = false;
      for (const at of [...diagrams.levelsOf(left)].sort((a, b) => a - b)) {
        if (at === level.SOURCE) continue;
        const before = left;
        prefer(diagrams.range(at, usual(at), usual(at)));
        changed ||= left !== before;
      }
    }
    const [path] = diagrams.paths(left);
    for (const { level: at, first } of path ?? []) left = diagrams.and(left, diagrams.range(at, first, first));
    return left;
  }

  #example(chosen: Diagram, place: Place, tracking: Tracking): Example {
    const { diagrams, interfaces, conditions } = this.#work;
    const values = new Map<number, number>();
    if (chosen !== ALWAYS)
      for (const { level: at, first } of [...diagrams.paths(chosen)][0] ?? []) values.set(at, first);
    const valueOf = (at: number): number => values.get(at) ?? this.#default(at, values);
    const origin = valueOf(level.ORIGIN);
    const at = (index: number): string | undefined => interfaces.names[index];
    const asked = (name: number): boolean => values.has(name);
    const source = this.#source(valueOf(level.SOURCE), place, valueOf(level.SOURCE_TYPE) === 1);
    const packet: ExamplePacket = {
      inInterface: origin === 0 ? undefined : at(origin - 1),
      source: this.#text(source),
      sourceIsLocal: valueOf(level.SOURCE_TYPE) === 1,
      sourcePort: place.port === undefined ? undefined : valueOf(level.SOURCE_PORT),
      destination: this.#text(place.address),
      destinationIsLocal: this.#isLocal(place, valueOf(level.DESTINATION_TYPE)),
      destinationPort: place.port,
      protocol: place.protocol,
      tracking,
      mark: markOf(valueOf),
      endpointIsLocal: valueOf(level.NEW_TYPE) === 1,
      outInterface: asked(level.OUT) ? at(valueOf(level.OUT)) : undefined,
      newOutInterface: asked(level.NEW_OUT) ? at(valueOf(level.NEW_OUT)) : undefined,
      tcpFlags: asked(level.TCP_FLAG_BITS) ? valueOf(level.TCP_FLAG_BITS) : undefined,
      icmp: asked(level.ICMP_TYPE)
        ? { type: valueOf(level.ICMP_TYPE) >> 8, code: valueOf(level.ICMP_TYPE) & 255 }
        : undefined,
      wasTranslated: valueOf(level.WAS_TRANSLATED) === 1,
      conditions: [...values].flatMap(([name, value]) => {
        const condition = conditions.at(name);
        return condition === undefined ? [] : [{ condition, holds: value === 1 }];
      }),
    };
    return { packet, valueOf };
  }

  #default(at: number, values: ReadonlyMap<number, number>): number {
    if (at === level.SOURCE_TYPE) return values.get(level.ORIGIN) === 0 ? 1 : 0;
    if (at === level.SOURCE) {
      const nodeIp = ipToNumber(this.#facts.nodeIp);
      const own = values.get(level.ORIGIN) === 0;
      return this.#work.sources.indexOf(own ? nodeIp : (this.#facts.sources[0] ?? nodeIp));
    }
    return usual(at);
  }

  /** Only the addresses that the destination's routing type leaves open are asked for it. */
  #isLocal({ types }: Place, value: number): boolean {
    return types === 2 || ((types & 2) !== 0 && value === 1);
  }

  #source(index: number, place: Place, isLocal: boolean): bigint {
    const { sources } = this.#work;
    const { first, last } = sources.addresses(index, index);
    const inside = (address: bigint): boolean => first <= address && address <= last && address !== place.address;
    const nodeIp = ipToNumber(this.#facts.nodeIp);
    if (isLocal && inside(nodeIp)) return nodeIp;
    const known = this.#facts.sources.find(inside);
    if (known !== undefined) return known;
    const some = last - first > 16n ? first + 7n : first;
    return some === place.address && some < last ? some + 1n : some;
  }

  #text(address: bigint): string {
    return savedIpText(ipFromNumber(this.#facts.family, address));
  }

  /** One address is of one type, and a list that holds what is 10 minutes old holds what is 5 minutes old. */
  #isConsistent({ packet, valueOf }: Example, place: Place, through: bigint | undefined): boolean {
    const source = parseNetwork(packet.source)?.base;
    const type = valueOf(level.SOURCE_TYPE);
    if (source === place.address && type !== valueOf(level.DESTINATION_TYPE) && place.types !== 1 << type) return false;
    if (source === through && through !== place.address && type !== valueOf(level.NEW_TYPE)) return false;
    const seen = packet.conditions.flatMap(({ condition, holds }) =>
      condition.kind === 'recent' ? [{ condition, holds }] : [],
    );
    return seen.every(
      (a) =>
        !a.holds ||
        seen.every((b) => {
          const same = a.condition.list === b.condition.list && a.condition.remembers === b.condition.remembers;
          const longer = (b.condition.seconds ?? Infinity) >= (a.condition.seconds ?? Infinity);
          return !same || b.condition.more !== '' || !longer || b.holds;
        }),
    );
  }
}

function usual(at: number): number {
  if (at === level.ORIGIN) return 1;
  if (at === level.SOURCE_PORT) return USUAL_SOURCE_PORT;
  if (at === level.TCP_FLAG_BITS) return SYN;
  if (at === level.ICMP_TYPE) return ECHO_REQUEST;
  return 0;
}

function markOf(valueOf: (level: number) => number): number {
  let mark = 0;
  for (let bit = 0; bit < 32; bit++) if (valueOf(level.FIRST_MARK_BIT + bit) === 1) mark |= 1 << bit;
  return mark >>> 0;
}
