import type { DestinationTest } from './rule-program.ts';

/** Routing types of addresses, as bits. OTHER is what no rule names: anycast, blackhole ... */
export const UNICAST = 1;
export const LOCAL = 2;
export const BROADCAST = 4;
export const MULTICAST = 8;
export const OTHER = 16;

/** Their values in diagrams, in this order. */
export const TYPE_BITS: readonly number[] = [UNICAST, LOCAL, BROADCAST, MULTICAST, OTHER];

/**
 * A class of destinations (address, protocol, port) that no rule and nothing in the specification tells apart, with one of them to
 * stand for all.
 */
export interface Place {
  readonly id: number;
  readonly address: bigint;
  readonly protocol: number;
  /** Undefined for protocols without ports. */
  readonly port: number | undefined;
  /** What its address may be to the routing of the node: bits of the above. */
  readonly types: number;
  /** Keys for the indexes of chains. */
  readonly exactKey: string;
  readonly portKey: string;
  readonly addressKey: string;
}

export const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132]);

export function placeKeys(
  address: bigint,
  protocol: number,
  port: number | undefined,
): Pick<Place, 'exactKey' | 'portKey' | 'addressKey'> {
  const addressKey = address.toString(36);
  const portKey = `${protocol}/${port ?? ''}`;
  return { exactKey: `${addressKey}/${portKey}`, portKey, addressKey };
}

export function goesTo({ network, protocols, ports }: DestinationTest, place: Place): boolean {
  for (const { number, negated } of protocols) if ((number === place.protocol) === negated) return false;
  for (const { ranges, negated } of ports) {
    const { port } = place;
    if (port === undefined) return false;
    if (ranges.some(({ first, last }) => first <= port && port <= last) === negated) return false;
  }
  if (network === undefined) return true;
  const inside = network.isHost ? place.address === network.base : (place.address & network.mask) === network.base;
  return inside !== network.negated;
}
