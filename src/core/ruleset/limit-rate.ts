/** What the kernel counts in: ten-thousandths of a second (XT_LIMIT_SCALE). */
const LIMIT_SCALE = 10_000;

/** The longest first, as iptables tries them. */
export const LIMIT_UNITS: readonly { readonly name: string; readonly period: number }[] = [
  { name: 'day', period: LIMIT_SCALE * 24 * 60 * 60 },
  { name: 'hour', period: LIMIT_SCALE * 60 * 60 },
  { name: 'min', period: LIMIT_SCALE * 60 },
  { name: 'sec', period: LIMIT_SCALE },
];

/** `10/sec`: a rate as iptables-save prints it, in the shortest unit that loses nothing more than the kernel has lost (libxt_limit.c). */
export function limitText(period: number): string {
  let [best] = LIMIT_UNITS;
  for (const unit of LIMIT_UNITS.slice(1)) {
    if (period > unit.period || Math.floor(unit.period / period) < unit.period % period) break;
    best = unit;
  }
  return best === undefined ? '' : `${Math.floor(best.period / period)}/${best.name}`;
}
