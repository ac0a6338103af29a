// Shares as people write them, as exact fractions.
import { STATISTIC_BITS, type Share } from '../trace/share.ts';

/** `above / below`, give or take `off / below`. */
export interface ExpectedShare {
  readonly above: bigint;
  readonly below: bigint;
  /** Half a unit of the last digit that was written, and no more than 0.05 %; 0 for `1/3`. */
  readonly off: bigint;
  /** As it was written. */
  readonly text: string;
}

const MOST_DIGITS = 15;

/** `1/3`, `0.25`, `33.3 %`, 1; undefined if it is no share, or not above 0 and up to 1. */
export function readShare(value: unknown): ExpectedShare | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  if (text.length > 2 * MOST_DIGITS) return undefined;
  const share = fraction(text) ?? decimal(text);
  return share !== undefined && share.above > 0n && share.above <= share.below ? share : undefined;
}

function fraction(text: string): ExpectedShare | undefined {
  const [, above, below] = /^(\d+)\s*\/\s*(\d+)$/.exec(text) ?? [];
  if (above === undefined || below === undefined || /^0+$/.test(below)) return undefined;
  return { above: BigInt(above), below: BigInt(below), off: 0n, text };
}

function decimal(text: string): ExpectedShare | undefined {
  const [, whole, digits = '', percent] = /^(\d*)(?:\.(\d+))?\s*(%)?$/.exec(text) ?? [];
  if (whole === undefined || `${whole}${digits}` === '') return undefined;
  const unit = 10n ** BigInt(digits.length) * (percent === undefined ? 1n : 100n);
  const above = BigInt(`${whole}${digits}`);
  // Half a unit is 1000 of 2000, and 0.05 % are as many as a whole has units.
  const off = unit < 1000n ? unit : 1000n;
  return { above: above * 2000n, below: unit * 2000n, off, text };
}

/**
 * Whether a share is the expected one, as near as the kernel can choose among n endpoints: it rounds each probability to 31 bits, which
 * moves a share by less than n * 2^-31.
 */
export function isExpectedShare(share: Share, expected: Omit<ExpectedShare, 'text'>, n: number): boolean {
  const { above, below, off } = expected;
  const whole = share.divisor << BigInt(share.bits);
  const distance = share.units * below - above * whole;
  const kernel = BigInt(n) * below * whole;
  return ((distance < 0n ? -distance : distance) - off * whole) << BigInt(STATISTIC_BITS) <= kernel;
}

/** Whether shares can add up to 1. */
export function addUpToOne(shares: readonly ExpectedShare[]): boolean {
  let [above, off, below] = [0n, 0n, 1n];
  for (const share of shares) {
    above = above * share.below + share.above * below;
    off = off * share.below + share.off * below;
    below *= share.below;
  }
  const distance = above - below;
  return (distance < 0n ? -distance : distance) <= off;
}
