import type { IpSet, IpSetEntry, IpSetPart } from '../../../ruleset/ip-set.ts';
import type { Scene } from '../answer.ts';
import { hasPorts, PROTOCOL, type Header } from '../packet.ts';

type Directions = readonly ('src' | 'dst')[];
type Sets = ReadonlyMap<string, IpSet>;

/** A list:set may hold another one no deeper than this; the kernel allows no list in a list at all. */
const DEEPEST = 4;

/**
 * Whether a packet is a member of a set, part by part: `src,dst` asks the first part for the source and the second for the destination. A
 * wider entry that is not a `nomatch` one gives way to a narrower that is. Undefined if it cannot be known.
 */
export function isInSet(
  name: string,
  directions: Directions,
  scene: Scene,
  sets: Sets,
  depth = 0,
): boolean | undefined {
  const set = sets.get(name);
  if (set === undefined || depth > DEEPEST) return undefined;
  const members = set.type.split(':')[1]?.split(',') ?? [];
  if (set.type === 'list:set') return isInList(set, directions, scene, sets, depth);
  // ip_set_test: a set of more parts than the rule names is never matched, and neither is one of the other family.
  if (members.length > directions.length) return false;
  let best: { readonly entry: IpSetEntry; readonly width: bigint } | undefined;
  let unknown = false;
  for (const entry of set.entries) {
    const found = matchesEntry(entry, set, directions, scene);
    if (found === undefined) unknown = true;
    if (found !== true) continue;
    const width = widthOf(entry);
    if (best === undefined || width < best.width) best = { entry, width };
  }
  if (best !== undefined && !best.entry.nomatch) return true;
  return unknown ? undefined : false;
}

function isInList(set: IpSet, directions: Directions, scene: Scene, sets: Sets, depth: number): boolean | undefined {
  let unknown = false;
  for (const { parts } of set.entries) {
    const [part] = parts;
    const found = part?.kind === 'set' ? isInSet(part.name, directions, scene, sets, depth + 1) : undefined;
    if (found === true) return true;
    if (found === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

function matchesEntry(entry: IpSetEntry, set: IpSet, directions: Directions, scene: Scene): boolean | undefined {
  let unknown = false;
  for (const [i, part] of entry.parts.entries()) {
    const found = matchesPart(part, directions[i] ?? 'src', set, scene);
    if (found === false) return false;
    if (found === undefined) unknown = true;
  }
  return unknown ? undefined : true;
}

function matchesPart(part: IpSetPart, way: 'src' | 'dst', set: IpSet, scene: Scene): boolean | undefined {
  const { header, mark } = scene.course;
  switch (part.kind) {
    case 'network':
    case 'addresses':
      return matchesAddress(part, way === 'src' ? header.source : header.destination, set);
    case 'port':
      return matchesPort(part, way, header);
    case 'mark':
      return mark === part.value;
    case 'set':
      return undefined;
    case 'other': {
      const name = way === 'src' ? scene.inInterface : scene.outInterface;
      return set.type.endsWith('iface') && name !== undefined ? name === part.text : undefined;
    }
  }
}

function matchesAddress(
  part: Extract<IpSetPart, { readonly kind: 'network' | 'addresses' }>,
  address: Header['source'],
  { family, netmask }: IpSet,
): boolean | undefined {
  if (address === 'own') return undefined;
  if (address.family !== family) return false;
  const hostBits = netmask === undefined ? 0n : BigInt((family === 'ipv4' ? 32 : 128) - netmask);
  const value = (address.value >> hostBits) << hostBits;
  if (part.kind === 'addresses') return value >= part.first && value <= part.last;
  return part.network.family === family && (value & part.network.mask) === part.network.base;
}

function matchesPort(part: Extract<IpSetPart, { readonly kind: 'port' }>, way: 'src' | 'dst', header: Header): boolean {
  if (!hasPorts(header.protocol) || header.fragment) return false;
  const port = (way === 'src' ? header.sourcePort : header.destinationPort) ?? 0;
  // ip_set_get_ip_port: a bitmap of ports, which knows no protocols, is asked for TCP and UDP only.
  const isOfBitmap = header.protocol === PROTOCOL.tcp || header.protocol === PROTOCOL.udp;
  const sameProtocol = part.protocol === undefined ? isOfBitmap : part.protocol === header.protocol;
  return sameProtocol && port >= part.ports.first && port <= part.ports.last;
}

/** How many addresses an entry has. */
function widthOf({ parts }: IpSetEntry): bigint {
  return parts.reduce((width, part) => {
    if (part.kind !== 'network') return width;
    const all = part.network.family === 'ipv4' ? 0xffffffffn : (1n << 128n) - 1n;
    return width * ((all ^ part.network.mask) + 1n);
  }, 1n);
}
