import { exactFraction, type Chance, type Fraction } from './chance.ts';

/** Which part of new connections something gets. */
export interface Share {
  /** 0 to 1. */
  readonly ratio: number;
  /** The n of the 1/n that was meant, where there is one. */
  readonly oneOf: number | undefined;
  /**
   * How near it comes: `kernel`, as near as 31 bits and ten decimals come; `five-decimals`, as near as kube-proxy before 1.17 came, which
   * gave probabilities with five decimals.
   */
  readonly precision: 'kernel' | 'five-decimals' | undefined;
  /** What it is the product of; `exactShare` multiplies it. */
  readonly chance: Chance;
}

/**
 * How far a share may be from 1/n. kube-proxy gives each rule the probability 1/(n-i) with so many decimals, and iptables rounds it to
 * a multiple of 2^-31: an error of at most e. A share is the product of one of them and of the rests of those before, whose relative
 * errors add up to less than e (n + n + ln n), so that the share is off by less than e (2 + ln(n)/n) < 2.4 e.
 */
const bound = (decimals: number): number => 2.4 * (0.5 * 10 ** -decimals + 2 ** -32);
const KERNEL_BOUND = bound(10);
const FIVE_DECIMALS_BOUND = bound(5);

/** @param count how many endpoints there are to choose from: the n that is likeliest */
export function shareOf(chance: Chance, count: number): Share {
  const { ratio } = chance;
  const isNear = (n: number, most: number): boolean => n > 0 && Math.abs(ratio - 1 / n) <= most;
  if (isNear(count, KERNEL_BOUND)) return { ratio, oneOf: count, precision: 'kernel', chance };
  const nearest = Math.round(1 / ratio);
  if (isNear(nearest, KERNEL_BOUND)) return { ratio, oneOf: nearest, precision: 'kernel', chance };
  if (isNear(count, FIVE_DECIMALS_BOUND)) return { ratio, oneOf: count, precision: 'five-decimals', chance };
  return { ratio, oneOf: undefined, precision: undefined, chance };
}

/** In lowest terms; undefined where it could not be added up. The more draws, the longer: 31 bits for each. */
export function exactShare({ chance }: Share): Fraction | undefined {
  return exactFraction(chance);
}
