import { ALWAYS, NEVER, type Diagram, type Diagrams } from './diagram.ts';
import { FIRST_CONNMARK_BIT, FIRST_MARK_BIT } from './levels.ts';

/**
 * A mark whose bits are each 0, 1, or what they were when the packet came, perhaps flipped: `ZERO`, `ONE`, `2 * level + 2` and one more
 * for flipped. `MIXED` is a bit that is more than one of these together, which rules of people do not make.
 */
type Bit = number;

const ZERO: Bit = 0;
const ONE: Bit = 1;
const MIXED: Bit = -1;

/** The number of a mark in its store; equal marks have equal numbers. */
export type Mark = number;

export class Marks {
  readonly #bits: (readonly Bit[])[] = [];
  readonly #known = new Map<string, Mark>();
  readonly #changes = new Map<string, Mark>();

  /** A packet's mark when it comes: variables, but for the bits in `zero`. */
  initial(zero: number): Mark {
    return this.#intern(bitsFrom(FIRST_MARK_BIT, zero));
  }

  /** The mark of the connection: 0 if it is new, else unknown. */
  initialConnection(isNew: boolean): Mark {
    return this.#intern(bitsFrom(FIRST_CONNMARK_BIT, isNew ? 0xffffffff : 0));
  }

  /** `(mark & ~mask) ^ value` */
  set(mark: Mark, value: number, mask: number): Mark {
    const key = `${mark} ${value} ${mask}`;
    const known = this.#changes.get(key);
    if (known !== undefined) return known;
    const made = this.#map(mark, (bit, i) => flip(has(mask, i) ? ZERO : bit, has(value, i)));
    this.#changes.set(key, made);
    return made;
  }

  /** `(to & ~toMask) ^ (from & fromMask)`: CONNMARK --save-mark and --restore-mark. */
  copy(from: Mark, fromMask: number, to: Mark, toMask: number): Mark {
    const source = this.#bits[from] ?? [];
    return this.#map(to, (bit, i) => {
      const kept = has(toMask, i) ? ZERO : bit;
      const added = has(fromMask, i) ? (source[i] ?? ZERO) : ZERO;
      if (added === ZERO || added === ONE) return flip(kept, added === ONE);
      return kept === ZERO || kept === ONE ? flip(added, kept === ONE) : MIXED;
    });
  }

  /** Whether all bits of `mask` are known to be set. */
  isSet(mark: Mark, mask: number): boolean {
    return (this.#bits[mark] ?? []).every((bit, i) => !has(mask, i) || bit === ONE);
  }

  /** The packets for which `(mark & mask) == value`; undefined if that cannot be said. */
  matches(diagrams: Diagrams, mark: Mark, value: number, mask: number): Diagram | undefined {
    if ((value & ~mask) !== 0) return NEVER;
    let result = ALWAYS;
    let mixed = false;
    for (const [i, bit] of (this.#bits[mark] ?? []).entries()) {
      if (!has(mask, i)) continue;
      const wanted = has(value, i) ? 1 : 0;
      if (bit === MIXED) mixed = true;
      else if (bit === ZERO || bit === ONE) {
        if (bit !== wanted) return NEVER;
      } else {
        const level = (bit - 2) >> 1;
        const initial = wanted ^ (bit & 1);
        result = diagrams.and(result, diagrams.range(level, initial, initial));
      }
    }
    return mixed && result !== NEVER ? undefined : result;
  }

  #map(mark: Mark, change: (bit: Bit, i: number) => Bit): Mark {
    return this.#intern((this.#bits[mark] ?? []).map(change));
  }

  #intern(bits: readonly Bit[]): Mark {
    const key = bits.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#bits.push(bits);
    this.#known.set(key, this.#bits.length - 1);
    return this.#bits.length - 1;
  }
}

function bitsFrom(firstLevel: number, zero: number): readonly Bit[] {
  return Array.from({ length: 32 }, (_, i) => (has(zero, i) ? ZERO : 2 * (firstLevel + i) + 2));
}

function has(mask: number, bit: number): boolean {
  return ((mask >>> bit) & 1) === 1;
}

function flip(bit: Bit, flipped: boolean): Bit {
  if (!flipped || bit === MIXED) return bit;
  return bit === ZERO || bit === ONE ? 1 - bit : bit ^ 1;
}
