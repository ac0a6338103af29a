import type { IpFamily } from '../../model/ip.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import type { NumberRange } from '../../ruleset/rule-values.ts';
import { sortedBy } from '../../util/order.ts';
import { DestinationCuts, FREE_TYPES, LAST_PORT } from './destination-cuts.ts';
import { placeKeys, WITH_PORTS, type Place } from './place.ts';
import { exactAddress, exactPort, type RuleProgram } from './rule-program.ts';
import type { AddressRange } from './source-ranges.ts';

/** One destination that stands for itself. */
export interface Point {
  readonly address: bigint;
  readonly protocol: number;
  readonly port: number;
  /** What the address may be to routing; undefined: what its surroundings may be. */
  readonly types?: number;
}

/** What besides the rules tells destinations apart. */
export interface PlaceFacts {
  readonly family: IpFamily;
  /** Addresses that go together: what is in one of the ranges is told from what is in none. */
  readonly ranges: readonly { readonly ranges: readonly AddressRange[]; readonly types: number }[];
  readonly points: readonly Point[];
  readonly ports: readonly { readonly protocol: number; readonly port: number }[];
}

/** Addresses that all rules and facts treat alike, but for points. */
interface Region {
  readonly id: number;
  readonly ranges: AddressRange[];
  readonly types: number;
}

const USUAL_PORT = 8443;

/** Addresses for examples (RFC 5737, RFC 3849), if nothing is said of them. */
const EXAMPLES: { readonly [F in IpFamily]: readonly string[] } = {
  ipv4: ['203.0.113.80', '198.51.100.80', '192.0.2.80'],
  ipv6: ['2001:db8:ffff::80', '2001:db8:1::80'],
};

/**
 * Partitions all destinations. Most rules of a node name one address, protocol and port: those are points of their own. All other
 * addresses fall into regions by the networks that rules name, and within a region into protocols and ranges of ports.
 */
export class Places {
  readonly #family: IpFamily;
  readonly #points = new Map<string, Point>();
  readonly #pointAddresses = new Set<bigint>();
  readonly #regions: Region[] = [];
  readonly #starts: bigint[] = [];
  readonly #regionAt: Region[] = [];
  readonly #singlePorts = new Map<number, Set<number>>();
  readonly #portStarts = new Map<number, readonly number[]>();
  readonly #protocols: readonly number[];
  readonly #known = new Map<string, Place>();

  constructor(rules: readonly RuleProgram[], facts: PlaceFacts) {
    this.#family = facts.family;
    const cuts = new DestinationCuts(facts.family);
    for (const { ranges, types } of facts.ranges) cuts.addRanges(ranges, types);
    for (const point of facts.points) this.#addPoint(point);
    for (const { protocol, port } of facts.ports) cuts.addPort(protocol, port);
    for (const rule of rules) {
      const point = pointOf(rule);
      if (point === undefined) cuts.addRule(rule);
      else this.#addPoint(point);
    }
    this.#protocols = cuts.protocols();
    for (const protocol of WITH_PORTS) {
      this.#singlePorts.set(protocol, cuts.singlePorts(protocol));
      this.#portStarts.set(protocol, cuts.portStarts(protocol));
    }
    this.#cut(cuts);
  }

  get regionCount(): number {
    return this.#regions.length;
  }

  get pointCount(): number {
    return this.#points.size;
  }

  /** The class of one destination. */
  of(address: bigint, protocol: number, port: number | undefined): Place {
    const keys = placeKeys(address, protocol, port);
    if (this.#points.has(keys.exactKey)) return this.#place(keys.exactKey, address, protocol, port);
    const region = this.#region(address);
    return this.#place(`${region.id}|${protocol}|${this.#portClass(protocol, port)}`, address, protocol, port);
  }

  /** One place for each class that is not empty. */
  *all(): Generator<Place> {
    for (const [key, { address, protocol, port }] of this.#points) yield this.#place(key, address, protocol, port);
    // The most ordinary first: what is found there makes the better examples.
    const ordinary = (region: Region): number =>
      (region.types === FREE_TYPES ? 0 : 1) + (this.#isExample(region) ? 0 : 2);
    for (const region of sortedBy(this.#regions, ordinary, ({ id }) => id)) {
      for (const protocol of this.#protocols) {
        for (const ports of this.#portClasses(protocol)) {
          const found = this.#example(region, protocol, ports);
          if (found !== undefined) yield this.of(found.address, protocol, found.port);
        }
      }
    }
  }

  #addPoint(point: Point): void {
    const { exactKey } = placeKeys(point.address, point.protocol, point.port);
    const before = this.#points.get(exactKey);
    if (before === undefined || before.types === undefined) this.#points.set(exactKey, point);
    this.#pointAddresses.add(point.address);
  }

  #place(key: string, address: bigint, protocol: number, port: number | undefined): Place {
    let place = this.#known.get(key);
    if (place === undefined) {
      const { types } = this.#region(address);
      const own = types & (this.#points.get(key)?.types ?? types);
      place = {
        id: this.#known.size,
        address,
        protocol,
        port,
        types: own === 0 ? types : own,
        ...placeKeys(address, protocol, port),
      };
      this.#known.set(key, place);
    }
    return place;
  }

  #region(address: bigint): Region {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0n) <= address) low = middle;
      else high = middle - 1;
    }
    return this.#regionAt[low] ?? { id: -1, ranges: [], types: FREE_TYPES };
  }

  #portClass(protocol: number, port: number | undefined): string {
    if (port === undefined) return '';
    if (this.#singlePorts.get(protocol)?.has(port) === true) return `=${port}`;
    const starts = this.#portStarts.get(protocol) ?? [0];
    return `>${starts.findLastIndex((start) => start <= port)}`;
  }

  #portClasses(protocol: number): readonly (NumberRange | undefined)[] {
    if (!WITH_PORTS.has(protocol)) return [undefined];
    const starts = this.#portStarts.get(protocol) ?? [0];
    const singles = [...(this.#singlePorts.get(protocol) ?? [])].map((port) => ({ first: port, last: port }));
    return [...starts.map((first, i) => ({ first, last: (starts[i + 1] ?? LAST_PORT + 1) - 1 })), ...singles];
  }

  /** An address and a port of a class, which is no point. */
  #example(
    region: Region,
    protocol: number,
    ports: NumberRange | undefined,
  ): { address: bigint; port: number | undefined } | undefined {
    const singles = this.#singlePorts.get(protocol);
    const isSingle = ports !== undefined && ports.first === ports.last && singles?.has(ports.first) === true;
    for (const address of this.#addresses(region)) {
      if (ports === undefined) return { address, port: undefined };
      for (const port of portsOf(ports)) {
        if (!isSingle && singles?.has(port) === true) continue;
        if (!this.#points.has(placeKeys(address, protocol, port).exactKey)) return { address, port };
      }
    }
    return undefined;
  }

  #isExample({ id }: Region): boolean {
    return EXAMPLES[this.#family].some((text) => this.#region(parseNetwork(text)?.base ?? 0n).id === id);
  }

  /** Addresses of a region until one is no point's. */
  *#addresses({ id, ranges }: Region): Generator<bigint> {
    for (const text of EXAMPLES[this.#family]) {
      const address = parseNetwork(text)?.base ?? 0n;
      if (this.#region(address).id === id && !this.#pointAddresses.has(address)) {
        yield address;
        return;
      }
    }
    const bySize = [...ranges].sort((a, b) => (b.last - b.first > a.last - a.first ? 1 : -1));
    for (const { first, last } of bySize) {
      const start = last - first > 16n ? first + 9n : first;
      for (let address = start; address <= last; address++) {
        yield address;
        if (!this.#pointAddresses.has(address)) return;
      }
    }
  }

  #cut(cuts: DestinationCuts): void {
    const bySignature = new Map<string, Region>();
    for (const { first, last, signature, types } of cuts.pieces()) {
      let region = bySignature.get(signature);
      if (region === undefined) {
        region = { id: this.#regions.length, ranges: [], types };
        bySignature.set(signature, region);
        this.#regions.push(region);
      }
      region.ranges.push({ first, last });
      this.#starts.push(first);
      this.#regionAt.push(region);
    }
  }
}

/** A port that looks ordinary, then all of them. */
function* portsOf({ first, last }: NumberRange): Generator<number> {
  if (first <= USUAL_PORT && USUAL_PORT <= last) yield USUAL_PORT;
  for (let port = first; port <= last; port++) yield port;
}

function pointOf({ destination }: RuleProgram): Point | undefined {
  const address = exactAddress(destination);
  const port = exactPort(destination);
  if (address === undefined || port === undefined || !WITH_PORTS.has(port.protocol)) return undefined;
  return { address, ...port };
}
