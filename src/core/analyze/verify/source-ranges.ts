import { familyBits, type IpFamily } from '../../model/ip.ts';
import { ALWAYS, NEVER, type Diagram, type Diagrams } from './diagram.ts';
import { SOURCE } from './levels.ts';

/** Addresses as numbers; both ends belong to it. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** A network as `-s` and `-d` have it. */
export interface Network {
  readonly base: bigint;
  readonly mask: bigint;
}

const WHOLE: { readonly [F in IpFamily]: bigint } = { ipv4: (1n << 32n) - 1n, ipv6: (1n << 128n) - 1n };

/** More pieces than this, and a mask with holes is left to the opaque. */
const MOST_PIECES = 1024;

/** The ranges that a network consists of: one, unless its mask has holes (255.0.255.0). Undefined if there are too many. */
export function rangesOf({ base, mask }: Network, family: IpFamily): readonly AddressRange[] | undefined {
  // By far the most are single addresses.
  if (mask === WHOLE[family]) return [{ first: base, last: base }];
  const bits = BigInt(familyBits(family));
  let free = 0n;
  while (free < bits && ((mask >> free) & 1n) === 0n) free += 1n;
  const holes: bigint[] = [];
  for (let bit = free; bit < bits; bit++) if (((mask >> bit) & 1n) === 0n) holes.push(bit);
  if (2 ** holes.length > MOST_PIECES) return undefined;
  const size = 1n << free;
  return Array.from({ length: 2 ** holes.length }, (_, choice) => {
    let first = base;
    for (const [i, bit] of holes.entries()) if ((choice >> i) & 1) first |= 1n << bit;
    return { first, last: first + size - 1n };
  }).sort((a, b) => (a.first < b.first ? -1 : 1));
}

/** Cuts the source addresses at every place where a rule or the specification does, and numbers the pieces. */
export class SourceRanges {
  readonly #family: IpFamily;
  readonly #starts: readonly bigint[];
  readonly #indexes = new Map<bigint, number>();

  constructor(family: IpFamily, ranges: Iterable<AddressRange>) {
    this.#family = family;
    const starts = new Set<bigint>([0n]);
    const end = 1n << BigInt(familyBits(family));
    for (const { first, last } of ranges) {
      starts.add(first);
      if (last + 1n < end) starts.add(last + 1n);
    }
    this.#starts = [...starts].sort((a, b) => (a < b ? -1 : 1));
    for (const [i, start] of this.#starts.entries()) this.#indexes.set(start, i);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The packets whose source is in the range, which was among those given to the constructor. */
  diagram(diagrams: Diagrams, { first, last }: AddressRange): Diagram {
    const from = this.#indexes.get(first) ?? 0;
    const to = this.#indexes.get(last + 1n) ?? this.#starts.length;
    if (from === 0 && to === this.#starts.length) return ALWAYS;
    return diagrams.range(SOURCE, from, to - 1);
  }

  anyOf(diagrams: Diagrams, ranges: readonly AddressRange[]): Diagram {
    let result = NEVER;
    for (const range of ranges) result = diagrams.or(result, this.diagram(diagrams, range));
    return result;
  }

  /** The addresses with the numbers `from` to `to`, which may be beyond the last. */
  addresses(from: number, to: number): AddressRange {
    const end = 1n << BigInt(familyBits(this.#family));
    const first = this.#starts[from] ?? 0n;
    return { first, last: (this.#starts[Math.min(to, this.count) + 1] ?? end) - 1n };
  }

  /** The number of an address's piece. */
  indexOf(address: bigint): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0n) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
