import { ipFromNumber, ipToNumber, parseIp, savedIpText, type Ip, type IpFamily } from '../model/ip.ts';
import type { IpNetwork } from './rule-values.ts';

const ALL_V4 = 0xffffffffn;
const ALL_V6 = (1n << 128n) - 1n;

const MASKS: Readonly<Record<IpFamily, readonly bigint[]>> = {
  ipv4: Array.from({ length: 33 }, (_, prefix) => ALL_V4 ^ (ALL_V4 >> BigInt(prefix))),
  ipv6: Array.from({ length: 129 }, (_, prefix) => ALL_V6 ^ (ALL_V6 >> BigInt(prefix))),
};

interface Address {
  readonly family: IpFamily;
  readonly value: bigint;
}

/** The end of a single address as iptables-save prints it; by far the most are. */
const ONE_V4 = '/32';
const DOT = 46;
const ZERO = 48;

/**
 * The value of an IPv4 address in its one spelling: without leading zeros, as some readers take what has them for octal, and some refuse
 * it. By hand, as nearly every rule has one: an expression makes five strings of each.
 */
function v4Number(text: string): number | undefined {
  let [value, dots] = [0, 0];
  let byte: number | undefined;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (byte === undefined) return undefined;
      value = value * 256 + byte;
      byte = undefined;
      dots += 1;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || byte === 0) return undefined;
    byte = byte === undefined ? digit : byte * 10 + digit;
    if (byte > 255) return undefined;
  }
  return dots !== 3 || byte === undefined ? undefined : value * 256 + byte;
}

/** An address as iptables reads it; unlike to Kubernetes, `::ffff:1.2.3.4` is one of IPv6. */
function readAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = v4Number(text);
    return value === undefined ? undefined : { family: 'ipv4', value: BigInt(value) };
  }
  const ip = parseIp(text);
  if (ip === undefined) return undefined;
  const value = ipToNumber(ip);
  return { family: 'ipv6', value: ip.family === 'ipv4' ? 0xffff00000000n | value : value };
}

/** An address as the C library prints it: it also writes ::ffff:0:0/96 the IPv4 way. */
function addressText(ip: Ip): string {
  const tail = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(ip.text);
  if (tail === null) return savedIpText(ip);
  const [high = 0, low = 0] = tail.slice(1).map((group) => Number.parseInt(group, 16));
  return `::ffff:${[high >> 8, high & 255, low >> 8, low & 255].join('.')}`;
}

/** An address in the form that iptables-save prints; undefined if it is none. */
export function savedAddress(text: string): { readonly family: IpFamily; readonly text: string } | undefined {
  if (v4Number(text) !== undefined) return { family: 'ipv4', text };
  const address = readAddress(text);
  if (address === undefined) return undefined;
  return { family: address.family, text: addressText(ipFromNumber(address.family, address.value)) };
}

function readMask(text: string, family: IpFamily): bigint | undefined {
  const masks = MASKS[family];
  if (/^\d{1,3}$/.test(text)) return masks[Number(text)];
  const address = readAddress(text);
  return address?.family === family ? address.value : undefined;
}

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `fd00::1` ... as iptables reads it; undefined if it is none. `0/0` is `0.0.0.0/0`. */
export function parseNetwork(text: string): IpNetwork | undefined {
  if (text.endsWith(ONE_V4)) {
    const value = v4Number(text.slice(0, -ONE_V4.length));
    if (value !== undefined) return { family: 'ipv4', base: BigInt(value), mask: ALL_V4, prefix: 32, text };
  }
  const slash = text.indexOf('/');
  const given = slash === -1 ? text : text.slice(0, slash);
  const address = readAddress(/^\d{1,3}$/.test(given) && slash !== -1 ? `${given}.0.0.0` : given);
  if (address === undefined) return undefined;
  const { family } = address;
  const mask = slash === -1 ? MASKS[family].at(-1) : readMask(text.slice(slash + 1), family);
  if (mask === undefined) return undefined;
  const base = address.value & mask;
  const prefix = MASKS[family].indexOf(mask);
  const baseText = base === address.value && isPlain(given) ? given : addressText(ipFromNumber(family, base));
  const maskText = prefix === -1 ? addressText(ipFromNumber(family, mask)) : String(prefix);
  return { family, base, mask, prefix: prefix === -1 ? undefined : prefix, text: `${baseText}/${maskText}` };
}

/** An IPv4 address that is printed as it was read; by far the most are. */
function isPlain(text: string): boolean {
  return !text.includes(':') && text.includes('.');
}

/** `255.255.255.255`, and its like for IPv6. */
export function fullMask(family: IpFamily): string {
  return family === 'ipv4' ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
}
