import { ipFromNumber, ipToNumber, parseIp, type Ip, type IpFamily } from '../../model/ip.ts';

/** An address in a packet. */
export interface KnownAddress {
  readonly family: IpFamily;
  readonly value: bigint;
  /** Canonical: `10.0.0.1`, `fd00::1`. */
  readonly text: string;
}

/** `own`: an address of this node, but nobody has said which: the one that MASQUERADE or the routing table would choose. */
export type Address = KnownAddress | 'own';

export function addressOf(ip: Ip): KnownAddress {
  return { family: ip.family, value: ipToNumber(ip), text: ip.text };
}

/** Undefined if it is no address. */
export function readAddress(text: string): KnownAddress | undefined {
  const ip = parseIp(text);
  return ip === undefined ? undefined : addressOf(ip);
}

export function addressFromNumber(family: IpFamily, value: bigint): KnownAddress {
  return { family, value, text: ipFromNumber(family, value).text };
}

export function sameAddress(a: Address, b: Address): boolean {
  return a === 'own' || b === 'own' ? a === b : a.value === b.value && a.family === b.family;
}

export function addressText(address: Address): string {
  return address === 'own' ? 'an address of the node' : address.text;
}

/** `10.0.0.1:80`, `[fd00::1]:80`; without a port where there is none. */
export function endpointText(address: Address, port: number | undefined): string {
  if (port === undefined) return addressText(address);
  if (address === 'own') return `an address of the node, port ${port}`;
  return address.family === 'ipv4' ? `${address.text}:${port}` : `[${address.text}]:${port}`;
}

const LOOPBACK_V4 = 127n;

/** 127.0.0.0/8 or ::1: local to every node. */
export function isLoopbackAddress(address: Address): boolean {
  if (address === 'own') return false;
  return address.family === 'ipv4' ? address.value >> 24n === LOOPBACK_V4 : address.value === 1n;
}

/** 224.0.0.0/4 or ff00::/8. */
export function isMulticast({ family, value }: KnownAddress): boolean {
  return family === 'ipv4' ? value >> 28n === 0xen : value >> 120n === 0xffn;
}

/** 255.255.255.255; the broadcast addresses of networks depend on interfaces. IPv6 has none. */
export function isLimitedBroadcast({ family, value }: KnownAddress): boolean {
  return family === 'ipv4' && value === 0xffffffffn;
}
