import { formatFixed } from '../../util/decimal.ts';

/** xt_statistic compares 31 random bits with a threshold (linux/netfilter/xt_statistic.h, net/netfilter/xt_statistic.c). */
const KERNEL_ONE = 2 ** 31;

/**
 * The kernel's threshold for a chance of 1 in `n`, in units of 2^-31. kube-proxy hands 1/n over with ten decimals, and iptables rounds
 * that to the nearest unit.
 */
export function probabilityThreshold(n: number): number {
  return Math.round(Number(formatFixed(1 / n, 10)) * KERNEL_ONE);
}

const texts: string[] = [];

/** `0.33333333349`: how iptables-save prints the threshold, always with eleven decimals. */
export function probabilityText(n: number): string {
  return (texts[n] ??= formatFixed(probabilityThreshold(n) / KERNEL_ONE, 11));
}
