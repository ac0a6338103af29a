// Exact probabilities. xt_statistic decides by 31 random bits, so nearly all are whole numbers of 2^-bits; only `--mode nth` brings
// other denominators. No fraction is ever rounded, and none is reduced: the numbers stay small enough, and reducing costs more.

/** `units / (2^bits * divisor)` */
export interface Share {
  readonly units: bigint;
  readonly bits: number;
  readonly divisor: bigint;
}

export const ALL: Share = { units: 1n, bits: 0, divisor: 1n };
export const NONE: Share = { units: 0n, bits: 0, divisor: 1n };

/** xt_statistic.c: `get_random_u32() & 0x7FFFFFFF`. */
export const STATISTIC_BITS = 31;

/** Of 2^31 numbers, so many. */
export function shareOfThreshold(threshold: number): Share {
  return { units: BigInt(threshold), bits: STATISTIC_BITS, divisor: 1n };
}

export function oneOutOf(every: number): Share {
  return { units: 1n, bits: 0, divisor: BigInt(every) };
}

export function multiplyShares(a: Share, b: Share): Share {
  return { units: a.units * b.units, bits: a.bits + b.bits, divisor: a.divisor * b.divisor };
}

/** What is left of the whole. */
export function restOf({ units, bits, divisor }: Share): Share {
  return { units: (divisor << BigInt(bits)) - units, bits, divisor };
}

export function addShares(a: Share, b: Share): Share {
  const bits = Math.max(a.bits, b.bits);
  const [left, right] = [a.units << BigInt(bits - a.bits), b.units << BigInt(bits - b.bits)];
  if (a.divisor === b.divisor) return { units: left + right, bits, divisor: a.divisor };
  return { units: left * b.divisor + right * a.divisor, bits, divisor: a.divisor * b.divisor };
}

/** Less than, equal to or more than 0, as in sorting. */
export function compareShares(a: Share, b: Share): number {
  const left = (a.units << BigInt(Math.max(0, b.bits - a.bits))) * b.divisor;
  const right = (b.units << BigInt(Math.max(0, a.bits - b.bits))) * a.divisor;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function isWhole(share: Share): boolean {
  return compareShares(share, ALL) === 0;
}

/** So many bits of a share are turned into a double, which has 53. What is smaller than 2^-256 becomes 0. */
const DOUBLE_BITS = 256;

/** 0 to 1, as near as a double can be. */
export function shareNumber({ units, bits, divisor }: Share): number {
  return Number(((units << BigInt(DOUBLE_BITS)) >> BigInt(bits)) / divisor) / 2 ** DOUBLE_BITS;
}

/** `1/3`, in lowest terms; undefined if it has more than `digits` decimal digits. */
export function fractionText({ units, bits, divisor }: Share, digits: number): string | undefined {
  const whole = divisor << BigInt(bits);
  if (bits > digits * 4) return undefined;
  const common = greatestDivisor(units, whole);
  const [above, below] = [(units / common).toString(), (whole / common).toString()];
  return below.length > digits ? undefined : below === '1' ? above : `${above}/${below}`;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}

/**
 * The n for which a share is 1/n as far as the kernel can say it: a chain of n rules with the probabilities 1/n, 1/(n-1) ... 1 rounds
 * each to 31 bits, which moves a share by less than n * 2^-31. Undefined if there is none up to 100,000.
 */
export function evenShare(share: Share): number | undefined {
  const value = shareNumber(share);
  if (value <= 0) return undefined;
  const n = Math.round(1 / value);
  return n >= 1 && n <= 100_000 && Math.abs(value - 1 / n) <= n * 2 ** -STATISTIC_BITS ? n : undefined;
}
