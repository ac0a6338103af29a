/**
 * IP addresses and CIDRs as values. Reading is as lenient as kube-proxy's (leading zeros are decimal: Kubernetes' ParseIPSloppy,
 * KEP-1880 notes), printing is canonical (RFC 5952), so that equal addresses have equal text.
 */
export type IpFamily = 'ipv4' | 'ipv6';

export const ipFamilies: readonly IpFamily[] = ['ipv4', 'ipv6'];

export interface Ip {
  readonly family: IpFamily;
  /** Canonical text: `10.0.0.1`, `fd00::1`. */
  readonly text: string;
}

export interface Cidr {
  readonly family: IpFamily;
  /** Canonical text with host bits cleared: `10.0.0.0/8`. */
  readonly text: string;
  /** 0-32 or 0-128. */
  readonly prefix: number;
  /** The network address as a number. */
  readonly base: bigint;
}

const V4_PART = /^[0-9]{1,8}$/;
/** Most addresses by far, and ten times faster than taking them apart. */
const CANONICAL_V4 =
  /^(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}$/;
const V6_PART = /^[0-9a-fA-F]{1,4}$/;

function parseV4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!V4_PART.test(part)) return undefined;
    const byte = Number(part);
    if (byte > 255) return undefined;
    bytes.push(byte);
  }
  return bytes;
}

/** Eight groups of 16 bits; an embedded IPv4 tail is two groups. */
function parseV6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups: number[][] = [];
  for (const [i, half] of halves.entries()) {
    const side = parseV6Groups(half, i === halves.length - 1);
    if (side === undefined) return undefined;
    groups.push(side);
  }
  const [head = [], tail] = groups;
  if (tail === undefined) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function parseV6Groups(text: string, mayEndInV4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (mayEndInV4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = v4;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (V6_PART.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** RFC 5952: lower case, the first longest run of two or more zero groups as `::`. */
function printV6(groups: readonly number[]): string {
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length += 1;
    if (length > bestLength) {
      bestStart = i;
      bestLength = length;
    }
  }
  const hex = groups.map((g) => g.toString(16));
  if (bestStart === -1) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}

function isV4Mapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff;
}

/** Reads an address; undefined if it is none. `::ffff:1.2.3.4` is the IPv4 address, as in Go. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    if (CANONICAL_V4.test(text)) return { family: 'ipv4', text };
    const bytes = parseV4(text);
    return bytes === undefined ? undefined : { family: 'ipv4', text: bytes.join('.') };
  }
  const groups = parseV6(text);
  if (groups === undefined) return undefined;
  if (isV4Mapped(groups)) {
    const [c = 0, d = 0] = groups.slice(6);
    return { family: 'ipv4', text: [c >> 8, c & 255, d >> 8, d & 255].join('.') };
  }
  return { family: 'ipv6', text: printV6(groups) };
}

/** 32 or 128. */
export function familyBits(family: IpFamily): 32 | 128 {
  return family === 'ipv4' ? 32 : 128;
}

export function ipToNumber(ip: Ip): bigint {
  if (ip.family === 'ipv4') return BigInt(ip.text.split('.').reduce((n, part) => n * 256 + Number(part), 0));
  return (parseV6(ip.text) ?? []).reduce((n, group) => (n << 16n) | BigInt(group), 0n);
}

export function ipFromNumber(family: IpFamily, value: bigint): Ip {
  const size = family === 'ipv4' ? { parts: 4, bits: 8n } : { parts: 8, bits: 16n };
  const mask = (1n << size.bits) - 1n;
  const parts = Array.from({ length: size.parts }, (_, i) =>
    Number((value >> (size.bits * BigInt(size.parts - 1 - i))) & mask),
  );
  return { family, text: family === 'ipv4' ? parts.join('.') : printV6(parts) };
}

function networkBase(family: IpFamily, address: bigint, prefix: number): bigint {
  const hostBits = BigInt(familyBits(family) - prefix);
  return (address >> hostBits) << hostBits;
}

/** Reads `address/prefix`; host bits are cleared. Undefined if it is no CIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return undefined;
  const ip = parseIp(text.slice(0, slash));
  const prefixText = text.slice(slash + 1);
  if (ip === undefined || !/^[0-9]{1,3}$/.test(prefixText)) return undefined;
  // "::ffff:10.0.0.0/104" is written in IPv6 and read as IPv4; Go refuses the mix by prefix length, so do we.
  const written: IpFamily = text.includes(':') ? 'ipv6' : 'ipv4';
  const prefix = Number(prefixText);
  if (written !== ip.family || prefix > familyBits(ip.family)) return undefined;
  const base = networkBase(ip.family, ipToNumber(ip), prefix);
  return { family: ip.family, text: `${ipFromNumber(ip.family, base).text}/${prefix}`, prefix, base };
}

export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  return cidr.family === ip.family && networkBase(ip.family, ipToNumber(ip), cidr.prefix) === cidr.base;
}

/**
 * An address as iptables-save prints it. The C library writes the last 32 bits of an address in ::/96 the IPv4 way (`::1.2.3.4`),
 * unless only the last 16 are set; Go, and so the comments and hashes of kube-proxy, never do.
 */
export function savedIpText(ip: Ip): string {
  const tail = /^::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(ip.text);
  if (tail === null) return ip.text;
  const [high, low] = tail.slice(1).map((group) => Number.parseInt(group, 16));
  if (high === undefined || low === undefined) return ip.text;
  return `::${[high >> 8, high & 255, low >> 8, low & 255].join('.')}`;
}

/** `10.0.0.1/32`, `fd00::1/128`: how iptables-save prints a single address. */
export function hostCidrText(ip: Ip): string {
  return `${savedIpText(ip)}/${familyBits(ip.family)}`;
}

/** A range as iptables-save prints it. */
export function savedCidrText(cidr: Cidr): string {
  const { family, base, prefix, text } = cidr;
  return family === 'ipv4' ? text : `${savedIpText(ipFromNumber(family, base))}/${prefix}`;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(ip: Ip): boolean {
  return ip.family === 'ipv4' ? ip.text.startsWith('127.') : ip.text === '::1';
}

const LINK_LOCAL_AND_MULTICAST: readonly Cidr[] = ['169.254.0.0/16', '224.0.0.0/4', 'fe80::/10', 'ff00::/8'].flatMap(
  (text) => parseCidr(text) ?? [],
);

/** Unspecified, loopback, link-local or multicast: nothing that a Service can send to or be known by. */
export function isSpecialIp(ip: Ip): boolean {
  if (ip.text === '0.0.0.0' || ip.text === '::' || isLoopback(ip)) return true;
  return LINK_LOCAL_AND_MULTICAST.some((cidr) => cidrContains(cidr, ip));
}
