// Pearson's chi-square test of a uniform distribution: are these counts what an even choice would give, chance allowed for?
// The p-value comes from the regularised upper incomplete gamma function Q(df/2, x/2), by its series for small x and by its
// continued fraction (Lentz) for large x: the two cases of Abramowitz and Stegun, 6.5.29 and 6.5.31.

export interface UniformityTest {
  /** The sum of (observed - expected)^2 / expected. */
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  /** How often an even choice gives a statistic at least this large. */
  readonly pValue: number;
}

const ENOUGH_ROUNDS = 10_000;
const PRECISION = 1e-15;

/** ln(gamma(x)) for a positive multiple of one half, from gamma(1) = 1, gamma(1/2) = sqrt(pi), gamma(x + 1) = x gamma(x). */
function logGamma(x: number): number {
  let sum = Number.isInteger(x) ? 0 : Math.log(Math.PI) / 2;
  for (let y = Number.isInteger(x) ? 1 : 0.5; y < x; y += 1) sum += Math.log(y);
  return sum;
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < ENOUGH_ROUNDS && term > sum * PRECISION; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < ENOUGH_ROUNDS; n += 1) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return h * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** The probability that a chi-square variable with so many degrees of freedom is at least `statistic`. */
export function chiSquareTail(statistic: number, degreesOfFreedom: number): number {
  if (statistic <= 0) return 1;
  const a = degreesOfFreedom / 2;
  const x = statistic / 2;
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}

/** Needs two counts at least; a count below five or so makes the p-value a rough one. */
export function testUniformity(counts: readonly number[]): UniformityTest {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const degreesOfFreedom = counts.length - 1;
  return { statistic, degreesOfFreedom, pValue: chiSquareTail(statistic, degreesOfFreedom) };
}
