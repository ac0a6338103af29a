import { familyBits } from '../model/ip.ts';
import type { Negatable, NamesMatch, NatRange, NetworkMatch, NumberRange, PortMatch } from './rule-values.ts';

/** `! ` in front of an option that is negated. */
export function not(option: Negatable): string {
  return option.negated ? '! ' : '';
}

/** An option that may not be there: a blank, `! ` perhaps, its name, its value. */
export function optional<T extends Negatable>(
  option: T | undefined,
  name: string,
  value?: (option: T) => string,
): string {
  if (option === undefined) return '';
  return value === undefined ? ` ${not(option)}${name}` : ` ${not(option)}${name} ${value(option)}`;
}

/** `80`, `80:90` */
export function rangeText({ first, last }: NumberRange, separator = ':'): string {
  return first === last ? String(first) : `${first}${separator}${last}`;
}

export function ports(option: PortMatch | undefined, name: string): string {
  return option === undefined ? '' : ` ${not(option)}${name} ${rangeText(option)}`;
}

export function names(option: NamesMatch | undefined, name: string): string {
  return option === undefined ? '' : ` ${not(option)}${name} ${option.values.join(',')}`;
}

/** `0x4000` */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

export const ALL_BITS = 0xffffffff;

/** `0x4000`, `0x4000/0x4000`: a mark to compare with. */
export function markText(value: number, mask: number): string {
  return mask === ALL_BITS ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** `10.0.0.1:80`, `[fd00::1-fd00::9]:80-90`, `:80` */
export function natRangeText({ addresses, ports, basePort }: NatRange): string {
  const { first = '', last = '', family } = addresses ?? {};
  const address = first === last ? first : `${first}-${last}`;
  if (ports === undefined) return address;
  const base = basePort === undefined ? '' : `/${basePort}`;
  return `${family === 'ipv6' ? `[${address}]` : address}:${rangeText(ports, '-')}${base}`;
}

/** A network as some matches print it: a single address without its `/32`. */
export function hostText({ network: { text, prefix, family } }: NetworkMatch): string {
  return prefix === familyBits(family) ? text.slice(0, text.lastIndexOf('/')) : text;
}
