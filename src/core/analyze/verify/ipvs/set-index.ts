import type { IpFamily } from '../../../model/ip.ts';
import type { IpSet, IpSetEntry, IpSetPart } from '../../../ruleset/ip-set.ts';
import type { SetMatch } from '../../../ruleset/match.ts';
import { placeKeys, WITH_PORTS, type Place } from '../place.ts';
import type { Point } from '../places.ts';
import type { RuleProgram } from '../rule-program.ts';
import { rangesOf, type AddressRange } from '../source-ranges.ts';

/** Of one entry of a set, what it asks of the source, once its destination fits. */
export interface SourceTest {
  /** Undefined: any. */
  readonly ranges: readonly AddressRange[] | undefined;
  readonly ports: { readonly first: number; readonly last: number } | undefined;
}

/** What a match asks of the destination by one entry. */
interface DestinationPart {
  readonly addresses: AddressRange | undefined;
  readonly protocol: number | undefined;
  readonly ports: { readonly first: number; readonly last: number } | undefined;
}

interface ReadEntry extends SourceTest {
  readonly destination: DestinationPart;
}

/** One set as a rule asks it: the same set may be asked by `dst,dst` and by `src,dst`. */
interface AskedSet {
  readonly entries: readonly ReadEntry[];
  readonly byKey: ReadonlyMap<string, readonly ReadEntry[]>;
  readonly others: readonly ReadEntry[];
}

/** How sets cut the packets. */
export interface SetCuts {
  readonly points: readonly Point[];
  readonly ports: readonly { readonly protocol: number; readonly port: number }[];
  /** Addresses that one set treats alike. */
  readonly destinations: readonly (readonly AddressRange[])[];
  readonly sources: readonly AddressRange[];
}

/** ip_set_get_ip_port (ipset/ip_set_getport.c): a bitmap of ports is asked for TCP and UDP only. */
const OF_BITMAP: readonly number[] = [6, 17];

/**
 * The members of sets, exact: for each class of destinations which sources match. A set is left out, and what a rule that asks it matches is
 * not known, if it has entries of other kinds (networks with `nomatch`, interfaces, marks, lists) or is asked in another way.
 */
export class SetIndex {
  readonly #sets: ReadonlyMap<string, IpSet>;
  readonly #family: IpFamily;
  readonly #asked = new Map<string, AskedSet | undefined>();

  constructor(sets: ReadonlyMap<string, IpSet>, family: IpFamily) {
    this.#sets = sets;
    this.#family = family;
  }

  has(name: string): boolean {
    return this.#sets.has(name);
  }

  /** The sources that are in the set together with this destination. Undefined: that cannot be said. */
  sources(match: SetMatch, place: Place): readonly SourceTest[] | undefined {
    const asked = this.#read(match);
    if (asked === undefined) return undefined;
    const exact = asked.byKey.get(place.exactKey) ?? [];
    const near = [
      ...(asked.byKey.get(place.portKey) ?? []),
      ...(asked.byKey.get(place.addressKey) ?? []),
      ...asked.others,
    ];
    return [...exact, ...near].filter(({ destination }) => fits(destination, place));
  }

  cuts(rules: readonly RuleProgram[]): SetCuts {
    const points: Point[] = [];
    const ports: { protocol: number; port: number }[] = [];
    const destinations: (readonly AddressRange[])[] = [];
    const sources: AddressRange[] = [];
    const seen = new Set<string>();
    for (const { changing } of rules) {
      for (const match of changing) {
        if (match.kind !== 'set') continue;
        const key = keyOf(match);
        if (seen.has(key)) continue;
        seen.add(key);
        const groups = new Map<string, AddressRange[]>();
        for (const entry of this.#read(match)?.entries ?? []) {
          sources.push(...(entry.ranges ?? []));
          addCut(entry, { points, ports, groups });
        }
        destinations.push(...groups.values());
      }
    }
    return { points, ports, destinations, sources };
  }

  #read(match: SetMatch): AskedSet | undefined {
    const key = keyOf(match);
    if (this.#asked.has(key)) return this.#asked.get(key);
    const set = this.#sets.get(match.name);
    const asked = set === undefined || match.returnNomatch ? undefined : readSet(set, match, this.#family);
    this.#asked.set(key, asked);
    return asked;
  }
}

function keyOf({ name, directions }: SetMatch): string {
  return `${name} ${directions.join()}`;
}

function readSet(set: IpSet, { directions }: SetMatch, family: IpFamily): AskedSet | undefined {
  const kinds = set.type.split(':')[1]?.split(',') ?? [];
  // ip_set_test: never matched where the rule names fewer parts, nor by packets of the other family.
  const isOther = set.family !== family && !set.type.startsWith('bitmap:port');
  if (kinds.length > directions.length || isOther) return { entries: [], byKey: new Map(), others: [] };
  if (set.netmask !== undefined || set.type === 'list:set') return undefined;
  const entries: ReadEntry[] = [];
  for (const entry of set.entries) {
    const read = readEntry(entry, directions);
    if (read === undefined) return undefined;
    entries.push(...read);
  }
  return indexed(entries);
}

function indexed(entries: readonly ReadEntry[]): AskedSet {
  const byKey = new Map<string, ReadEntry[]>();
  const others: ReadEntry[] = [];
  for (const entry of entries) {
    const key = indexKey(entry.destination);
    if (key === undefined) others.push(entry);
    else byKey.set(key, [...(byKey.get(key) ?? []), entry]);
  }
  return { entries, byKey, others };
}

function indexKey({ addresses, protocol, ports }: DestinationPart): string | undefined {
  const isHost = addresses !== undefined && addresses.first === addresses.last;
  const isPort = ports !== undefined && ports.first === ports.last && protocol !== undefined;
  if (isHost && isPort) return placeKeys(addresses.first, protocol, ports.first).exactKey;
  if (isHost && ports === undefined) return placeKeys(addresses.first, 0, undefined).addressKey;
  return isPort && addresses === undefined ? placeKeys(0n, protocol, ports.first).portKey : undefined;
}

function readEntry(
  { parts, nomatch }: IpSetEntry,
  directions: SetMatch['directions'],
): readonly ReadEntry[] | undefined {
  if (nomatch) return undefined;
  let made: ReadEntry[] = [
    {
      destination: { addresses: undefined, protocol: undefined, ports: undefined },
      ranges: undefined,
      ports: undefined,
    },
  ];
  for (const [i, part] of parts.entries()) {
    const next: ReadEntry[] = [];
    for (const entry of made) {
      const read = withPart(entry, part, directions[i] ?? 'src');
      if (read === undefined) return undefined;
      next.push(...read);
    }
    made = next;
  }
  return made;
}

/** Undefined for a part that is not understood; several where one stands for several protocols. */
function withPart(entry: ReadEntry, part: IpSetPart, way: 'src' | 'dst'): readonly ReadEntry[] | undefined {
  switch (part.kind) {
    case 'network': {
      const ranges = rangesOf(part.network, part.network.family);
      return ranges === undefined ? undefined : ranges.flatMap((range) => withAddresses(entry, range, way));
    }
    case 'addresses':
      return withAddresses(entry, { first: part.first, last: part.last }, way);
    case 'port': {
      const { protocol, ports } = part;
      const protocols = protocol === undefined ? OF_BITMAP : [protocol];
      return protocols.map((number): ReadEntry => {
        const destination = { ...entry.destination, protocol: number };
        return way === 'dst' ? { ...entry, destination: { ...destination, ports } } : { ...entry, destination, ports };
      });
    }
    case 'mark':
    case 'set':
    case 'other':
      return undefined;
  }
}

function withAddresses(entry: ReadEntry, range: AddressRange, way: 'src' | 'dst'): readonly ReadEntry[] {
  if (way === 'src') return [{ ...entry, ranges: [range] }];
  return [{ ...entry, destination: { ...entry.destination, addresses: range } }];
}

function fits({ addresses, protocol, ports }: DestinationPart, place: Place): boolean {
  if (addresses !== undefined && (place.address < addresses.first || place.address > addresses.last)) return false;
  if (protocol !== undefined && (protocol !== place.protocol || !WITH_PORTS.has(protocol))) return false;
  return ports === undefined || (place.port !== undefined && place.port >= ports.first && place.port <= ports.last);
}

function addCut(
  { destination: { addresses, protocol, ports }, ranges, ports: sourcePorts }: ReadEntry,
  to: {
    readonly points: Point[];
    readonly ports: { protocol: number; port: number }[];
    readonly groups: Map<string, AddressRange[]>;
  },
): void {
  const isHost = addresses !== undefined && addresses.first === addresses.last;
  const single = ports !== undefined && ports.first === ports.last && protocol !== undefined;
  if (isHost && single) {
    to.points.push({ address: addresses.first, protocol, port: ports.first });
    return;
  }
  if (addresses !== undefined) {
    const from = (ranges ?? []).map(({ first, last }) => `${first}-${last}`).join();
    const key = [protocol, ports?.first, ports?.last, from, sourcePorts?.first, sourcePorts?.last].join();
    const group = to.groups.get(key);
    if (group === undefined) to.groups.set(key, [addresses]);
    else group.push(addresses);
  }
  if (ports === undefined || protocol === undefined) return;
  for (let port = ports.first; port <= ports.last; port++) to.ports.push({ protocol, port });
}
