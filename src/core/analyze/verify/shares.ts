/**
 * Chances as xt_statistic makes them: products of thresholds in units of 2^-31, and of what they leave. A share is a number that stands
 * for such a product; equal products are one number. Comparisons are decided in floating point where the distance is beyond any
 * rounding, and else by the exact fraction: with 5000 endpoints that has 155,000 bits.
 */
export type Share = number;

/** Certain. */
export const WHOLE: Share = 0;

export const KERNEL_ONE: number = 2 ** 31;

/** `units / 2^bits` */
export interface Fraction {
  readonly units: bigint;
  readonly bits: number;
}

type Part = Product | Both | Sum;

interface Product {
  readonly kind: 'product';
  readonly of: Share;
  /** 1 to 2^31 - 1. */
  readonly threshold: number;
}

/** Of two draws that have nothing to do with each other. */
interface Both {
  readonly kind: 'both';
  readonly a: Share;
  readonly b: Share;
}

interface Sum {
  readonly kind: 'sum';
  readonly a: Share;
  readonly b: Share;
}

export class Shares {
  readonly #parts: (Part | undefined)[] = [undefined];
  readonly #approximate: number[] = [1];
  /** Roundings that the approximation may have suffered, each by a factor of at most 1 + 2^-53. */
  readonly #roundings: number[] = [0];
  readonly #products = new Map<number, Share>();
  readonly #sums = new Map<string, Share>();
  readonly #exact = new Map<Share, Fraction>([[WHOLE, { units: 1n, bits: 0 }]]);

  /** The part of a share that a threshold takes. */
  times(of: Share, threshold: number): Share {
    if (threshold === KERNEL_ONE) return of;
    const key = of * 2 ** 32 + threshold;
    const known = this.#products.get(key);
    if (known !== undefined) return known;
    const made = this.#add({ kind: 'product', of, threshold }, this.approximately(of) * (threshold / KERNEL_ONE));
    this.#roundings[made] = (this.#roundings[of] ?? 0) + 1;
    this.#products.set(key, made);
    return made;
  }

  plus(a: Share, b: Share): Share {
    const [low, high] = a < b ? [a, b] : [b, a];
    const [first, second] = [this.#parts[low], this.#parts[high]];
    if (first?.kind === 'product' && second?.kind === 'product' && first.of === second.of) {
      const threshold = first.threshold + second.threshold;
      if (threshold <= KERNEL_ONE) return this.times(first.of, threshold);
    }
    const key = `${low},${high}`;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const made = this.#add({ kind: 'sum', a: low, b: high }, this.approximately(low) + this.approximately(high));
    this.#roundings[made] = Math.max(this.#roundings[low] ?? 0, this.#roundings[high] ?? 0) + 1;
    const sum = this.#isWhole(made) ? WHOLE : made;
    this.#sums.set(key, sum);
    return sum;
  }

  product(a: Share, b: Share): Share {
    const [low, high] = a < b ? [a, b] : [b, a];
    const key = `${low}*${high}`;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const made = this.#add({ kind: 'both', a: low, b: high }, this.approximately(low) * this.approximately(high));
    this.#roundings[made] = (this.#roundings[low] ?? 0) + (this.#roundings[high] ?? 0) + 1;
    this.#sums.set(key, made);
    return made;
  }

  approximately(share: Share): number {
    return this.#approximate[share] ?? 0;
  }

  exactly(share: Share): Fraction {
    // From the first that is not known on: a chain of 5000 endpoints is as many products deep.
    const todo = [share];
    for (let at = todo.at(-1); at !== undefined; at = todo.at(-1)) {
      const part = this.#parts[at];
      const missing = operands(part).filter((operand) => !this.#exact.has(operand));
      if (missing.length > 0) todo.push(...missing);
      else {
        if (!this.#exact.has(at)) this.#exact.set(at, this.#compute(part));
        todo.pop();
      }
    }
    return this.#exact.get(share) ?? { units: 0n, bits: 0 };
  }

  /** Whether a share is within 2^-slackBits of the fraction numerator / denominator. */
  isWithin(share: Share, numerator: number, denominator: number, slackBits: number): boolean {
    const off = Math.abs(this.approximately(share) - numerator / denominator);
    const slack = 2 ** -slackBits;
    const doubt = this.#doubt(share);
    if (off + doubt < slack) return true;
    if (off - doubt > slack) return false;
    const { units, bits } = this.exactly(share);
    const distance = units * BigInt(denominator) - (BigInt(numerator) << BigInt(bits));
    const allowed = BigInt(denominator) << BigInt(Math.max(0, bits - slackBits));
    const scale = BigInt(Math.max(0, slackBits - bits));
    return (distance < 0n ? -distance : distance) << scale <= allowed;
  }

  /** Whether two shares are within 2^-slackBits of each other. */
  areWithin(a: Share, b: Share, slackBits: number): boolean {
    if (a === b) return true;
    const [x, y] = [this.exactly(a), this.exactly(b)];
    const bits = Math.max(x.bits, y.bits, slackBits);
    const distance = (x.units << BigInt(bits - x.bits)) - (y.units << BigInt(bits - y.bits));
    return (distance < 0n ? -distance : distance) <= 1n << BigInt(bits - slackBits);
  }

  /** How far off the approximation may be. */
  #doubt(share: Share): number {
    return ((this.#roundings[share] ?? 0) + 2) * 2 ** -52;
  }

  /** Draws in chains that return may add up to 1 without one product in common. */
  #isWhole(share: Share): boolean {
    if (Math.abs(this.approximately(share) - 1) > this.#doubt(share)) return false;
    const before = this.#exact.size;
    const { units, bits } = this.exactly(share);
    // Of thousands of endpoints each fraction on the way has 20 KB.
    for (const made of [...this.#exact.keys()].slice(before)) this.#exact.delete(made);
    return units === 1n << BigInt(bits);
  }

  #add(part: Part, approximate: number): Share {
    this.#parts.push(part);
    this.#approximate.push(approximate);
    this.#roundings.push(0);
    return this.#parts.length - 1;
  }

  #compute(part: Part | undefined): Fraction {
    if (part === undefined) return { units: 1n, bits: 0 };
    const known = (share: Share): Fraction => this.#exact.get(share) ?? { units: 0n, bits: 0 };
    if (part.kind === 'product') {
      const of = known(part.of);
      return { units: of.units * BigInt(part.threshold), bits: of.bits + 31 };
    }
    const [a, b] = [known(part.a), known(part.b)];
    if (part.kind === 'both') return { units: a.units * b.units, bits: a.bits + b.bits };
    const bits = Math.max(a.bits, b.bits);
    return { units: (a.units << BigInt(bits - a.bits)) + (b.units << BigInt(bits - b.bits)), bits };
  }
}

function operands(part: Part | undefined): readonly Share[] {
  if (part === undefined) return [];
  return part.kind === 'product' ? [part.of] : [part.a, part.b];
}
