// Chances of random draws, exact. xt_statistic compares 31 random bits with a threshold, so every chance is a product of fractions over
// 2^31, or over a small number for `--mode nth`. A chain with n endpoints has n chances whose numerators have up to 31 n bits: they are
// kept as lists that share their beginnings, and multiplied only for who asks.

/** A chance above 0 and below or equal to 1: `numerator / denominator` of what came before. */
export interface Chance {
  readonly before: Chance | undefined;
  /** Whole numbers; bigints where they are larger than a draw's. */
  readonly numerator: number | bigint;
  readonly denominator: number | bigint;
  /** The whole product as a double: good to some 15 digits. */
  readonly ratio: number;
  /** How many draws the product has. */
  readonly draws: number;
  /** False where adding up made numbers too large: only `ratio` is known then. */
  readonly exact: boolean;
}

export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const CERTAIN: Chance = {
  before: undefined,
  numerator: 1,
  denominator: 1,
  ratio: 1,
  draws: 0,
  exact: true,
};

function inexact(ratio: number, draws: number): Chance {
  return { before: undefined, numerator: 1, denominator: 1, ratio, draws, exact: false };
}

/** Of `before`, the part `numerator / denominator`. Undefined for nothing. */
export function partOf(before: Chance, numerator: number, denominator: number): Chance | undefined {
  if (numerator <= 0) return undefined;
  if (numerator >= denominator) return before;
  const ratio = before.ratio * (numerator / denominator);
  return { before, numerator, denominator, ratio, draws: before.draws + 1, exact: before.exact };
}

/** Of `before`, the part that `chance` is of all: both must happen. */
export function product(before: Chance, chance: Chance): Chance {
  if (before === CERTAIN) return chance;
  if (!chance.exact) return inexact(before.ratio * chance.ratio, before.draws + chance.draws);
  const parts: Chance[] = [];
  for (let at: Chance | undefined = chance; at !== undefined && at !== CERTAIN; at = at.before) parts.push(at);
  let result = before;
  for (const part of parts.reverse()) {
    const { numerator, denominator } = part;
    // What a part adds to the ratio is in its own; a ratio of nothing that is left has got too small for a double.
    const factor = part.before === undefined || part.before.ratio === 0 ? part.ratio : part.ratio / part.before.ratio;
    const draws = before.draws + part.draws;
    result = { before: result, numerator, denominator, ratio: result.ratio * factor, draws, exact: before.exact };
  }
  return result;
}

/** More draws than these are not added up exactly: the work would grow with the square of them. */
const MOST_SUMMED = 2000;

/** One of the two happens, and never both. */
export function sum(a: Chance | undefined, b: Chance | undefined): Chance | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const ratio = a.ratio + b.ratio;
  const left = a.draws + b.draws > MOST_SUMMED ? undefined : exactFraction(a);
  const right = left === undefined ? undefined : exactFraction(b);
  if (left === undefined || right === undefined) return inexact(ratio, a.draws + b.draws);
  const total = reduced({
    numerator: left.numerator * right.denominator + right.numerator * left.denominator,
    denominator: left.denominator * right.denominator,
  });
  if (total.numerator === total.denominator) return CERTAIN;
  // Powers of two have the greater one as their common denominator; others are multiplied.
  const draws = isPowerOfTwo(total.denominator) ? Math.max(a.draws, b.draws) : a.draws + b.draws;
  return { before: undefined, ...total, ratio, draws, exact: true };
}

/** In lowest terms. Undefined where only the ratio is known. Takes time and space with the square of the draws. */
export function exactFraction(chance: Chance): Fraction | undefined {
  if (!chance.exact) return undefined;
  let numerator = 1n;
  let denominator = 1n;
  for (let at: Chance | undefined = chance; at !== undefined; at = at.before) {
    numerator *= BigInt(at.numerator);
    denominator *= BigInt(at.denominator);
  }
  return reduced({ numerator, denominator });
}

function reduced({ numerator, denominator }: Fraction): Fraction {
  let a = denominator;
  let b = numerator;
  // Nearly all denominators are powers of two, for which shifting is much faster than Euclid.
  if (isPowerOfTwo(a)) {
    const low = b & -b;
    const common = low < a ? low : a;
    return { numerator: numerator / common, denominator: denominator / common };
  }
  while (b !== 0n) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}

function isPowerOfTwo(value: bigint): boolean {
  return (value & (value - 1n)) === 0n;
}
