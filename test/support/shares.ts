/**
 * What a KUBE-SVC or KUBE-SVL chain does to a new connection, from the text of its rules alone. The kernel draws 31 random bits for
 * each `-m statistic` rule and compares them with the rule's threshold (net/netfilter/xt_statistic.c).
 */
import assert from 'node:assert/strict';

export const KERNEL_ONE: number = 2 ** 31;

/** For each rule that jumps to an endpoint, in order: its threshold in units of 2^-31, KERNEL_ONE where it takes all that is left. */
export function thresholdsOf(rules: readonly string[]): readonly number[] {
  const choosing = rules.filter((rule) => rule.includes(' -j KUBE-SEP-') && !rule.includes(' -m recent '));
  return choosing.map((rule) => {
    const text = / --probability (\S+)/.exec(rule)?.[1];
    if (text === undefined) return KERNEL_ONE;
    assert.match(text, /^0\.[0-9]{11}$/);
    const units = Number(text) * KERNEL_ONE;
    // Eleven decimals name a multiple of 2^-31 without doubt: half a unit of the last place is 0.01 of 2^-31.
    assert.ok(Math.abs(units - Math.round(units)) < 0.02, `${text} is a multiple of 2^-31`);
    return Math.round(units);
  });
}

/**
 * Fails unless all shares sum to exactly 1 and each is within n * 2^-31 of 1/n. With the rest before rule i as r(i), share i is
 * r(i) * t(i) and r(i+1) = r(i) - share(i): so the sum is 1 exactly if a rule takes all that is left, and no rule after it is.
 */
export function assertUniform(thresholds: readonly number[], what: string): void {
  const n = thresholds.length;
  assert.equal(
    thresholds.indexOf(KERNEL_ONE),
    n - 1,
    `${what}: the last rule, and only the last, takes all that is left`,
  );
  if (n <= EXACT_UP_TO) assertUniformExactly(thresholds, what);
  let rest = 1;
  // Each product of two doubles is off by a factor of at most 1 + 2^-53, and there are two for each rule.
  const tolerance = n / KERNEL_ONE - (2 * n + 2) * 2 ** -53;
  for (const [i, threshold] of thresholds.entries()) {
    const share = (rest * threshold) / KERNEL_ONE;
    assert.ok(Math.abs(share - 1 / n) <= tolerance, `${what}: endpoint ${i} of ${n} gets ${share}`);
    rest *= (KERNEL_ONE - threshold) / KERNEL_ONE;
  }
}

const EXACT_UP_TO = 120;

/** The same without any rounding: shares as fractions of 2^(31 i). */
function assertUniformExactly(thresholds: readonly number[], what: string): void {
  const n = BigInt(thresholds.length);
  const one = BigInt(KERNEL_ONE);
  let rest = 1n;
  let denominator = 1n;
  let sum = 0n;
  for (const [i, threshold] of thresholds.entries()) {
    const share = rest * BigInt(threshold);
    rest *= one - BigInt(threshold);
    denominator *= one;
    sum = sum * one + share;
    // |share/denominator - 1/n| <= n/2^31, times n * denominator * 2^31
    const off = (share * n - denominator) * one;
    assert.ok((off < 0n ? -off : off) <= n * n * denominator, `${what}: endpoint ${i} of ${n}`);
  }
  assert.equal(sum, denominator, `${what}: the shares sum to 1`);
}
