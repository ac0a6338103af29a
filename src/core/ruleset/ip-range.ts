import { ipToNumber, parseIp, type IpFamily } from '../model/ip.ts';
import type { OpaqueMatch } from './match.ts';
import type { Negatable } from './rule-values.ts';

/** Addresses from one to another; both belong to it. */
export interface IpRange extends Negatable {
  readonly first: bigint;
  readonly last: bigint;
  /** As it stands in the rule: `10.0.0.1-10.0.0.9`. */
  readonly text: string;
}

/** What `-m iprange` asks for; both must hold. */
export interface IpRangeMatch {
  readonly source: IpRange | undefined;
  readonly destination: IpRange | undefined;
}

/**
 * `-m iprange [!] --src-range FROM[-TO] [!] --dst-range FROM[-TO]` (libxt_iprange.c), which is kept as it was written. Undefined for other
 * matches, and where it cannot be read, as with addresses of another family.
 */
export function ipRangeMatch({ name, words }: OpaqueMatch, family: IpFamily): IpRangeMatch | undefined {
  if (name !== 'iprange') return undefined;
  const found: { source?: IpRange; destination?: IpRange } = {};
  for (let at = 0; at < words.length; at += 2) {
    const negated = words[at] === '!';
    if (negated) at += 1;
    const side = words[at] === '--src-range' ? 'source' : words[at] === '--dst-range' ? 'destination' : undefined;
    const range = readRange(words[at + 1], family, negated);
    if (side === undefined || range === undefined || found[side] !== undefined) return undefined;
    found[side] = range;
  }
  const { source, destination } = found;
  return source === undefined && destination === undefined ? undefined : { source, destination };
}

/** iprange_mt4 and iprange_mt6 (xt_iprange.c). */
export function isInRange({ first, last, negated }: IpRange, address: bigint): boolean {
  return (address >= first && address <= last) !== negated;
}

function readRange(text: string | undefined, family: IpFamily, negated: boolean): IpRange | undefined {
  const [from = '', to = from, ...more] = (text ?? '').split('-');
  const [first, last] = [parseIp(from), parseIp(to)];
  if (text === undefined || first?.family !== family || last?.family !== family || more.length > 0) return undefined;
  return { first: ipToNumber(first), last: ipToNumber(last), text, negated };
}
