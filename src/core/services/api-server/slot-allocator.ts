/**
 * Gives keys slots of a numbered space, by hash, so that the same keys get the same slots each time and a new key moves others as
 * little as possible. Keys bid in rounds: each one not yet placed bids for the slot that hash48(key#round) names; a free slot goes
 * to the smallest of its bidders, the others bid again in the next round. A further key or taken slot only ever makes keys lose
 * more bids, never fewer. Hence the law: if a key's slot changes, its old slot now belongs to somebody else.
 */
import { hash48 } from '../../util/hash.ts';
import { sortedBy } from '../../util/order.ts';

/** Slots 0 to size - 1. */
export interface SlotSpace {
  readonly size: bigint;
  /** The lowest slots, which are given out only when the others are full. At most `size` of them. */
  readonly staticSize: bigint;
}

// After so many rounds only the keys of a band that is nearly full are left.
const ROUNDS = 32;

interface Band {
  readonly start: bigint;
  readonly size: bigint;
}

/** A key that is missing from the result found no free slot. `taken` may hold slots outside of the space. */
export function allocateSlots(
  keys: Iterable<string>,
  space: SlotSpace,
  taken: ReadonlySet<bigint>,
): ReadonlyMap<string, bigint> {
  const staticSize = space.staticSize < space.size ? space.staticSize : space.size;
  const bands: readonly Band[] = [
    { start: staticSize, size: space.size - staticSize },
    { start: 0n, size: staticSize },
  ];
  const placed = new Map<string, bigint>();
  const occupied = new Set(taken);
  let waiting: readonly string[] = sortedBy(new Set(keys), (key) => key);
  for (const band of bands) waiting = fillBand(band, waiting, occupied, placed);
  return placed;
}

/** Returns the keys that found no place in the band. */
function fillBand(
  band: Band,
  keys: readonly string[],
  occupied: Set<bigint>,
  placed: Map<string, bigint>,
): readonly string[] {
  let waiting = keys;
  let free = countFree(band, occupied);
  const place = (key: string, slot: bigint): void => {
    occupied.add(slot);
    placed.set(key, slot);
    free -= 1n;
  };
  for (let round = 0; round < ROUNDS; round++) {
    if (waiting.length === 0 || free === 0n) break;
    waiting = waiting.filter((key) => {
      const slot = candidate(band, key, round);
      if (occupied.has(slot)) return true;
      place(key, slot);
      return false;
    });
  }
  return waiting.filter((key) => {
    if (free === 0n) return true;
    place(key, nextFree(band, candidate(band, key, ROUNDS), occupied));
    return false;
  });
}

function countFree(band: Band, occupied: ReadonlySet<bigint>): bigint {
  const used = [...occupied].filter((slot) => slot >= band.start && slot < band.start + band.size);
  return band.size - BigInt(used.length);
}

function candidate(band: Band, key: string, round: number): bigint {
  return band.start + (BigInt(hash48(`${key}#${round}`)) % band.size);
}

/** The first free slot from `from` on, around the end of the band; there must be one. */
function nextFree(band: Band, from: bigint, occupied: ReadonlySet<bigint>): bigint {
  let slot = from;
  while (occupied.has(slot)) slot = band.start + ((slot - band.start + 1n) % band.size);
  return slot;
}
