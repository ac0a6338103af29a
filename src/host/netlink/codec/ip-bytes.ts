import { ipFromNumber, ipToNumber, type Ip } from '../../../core/model/ip.ts';
import { MalformedNetlink } from './malformed.ts';

/** AF_INET and AF_INET6 of include/linux/socket.h, which NFPROTO_IPV4 and NFPROTO_IPV6 equal; the same on every architecture. */
export const ADDRESS_FAMILY = { ipv4: 2, ipv6: 10 } as const;

export function ipFamilyOf(addressFamily: number): Ip['family'] | undefined {
  if (addressFamily === ADDRESS_FAMILY.ipv4) return 'ipv4';
  return addressFamily === ADDRESS_FAMILY.ipv6 ? 'ipv6' : undefined;
}

/** 4 or 16 bytes, in network order. */
export function ipToBytes(ip: Ip): Uint8Array {
  if (ip.family === 'ipv4') return ipv4Bytes(ip.text);
  const number = ipToNumber(ip);
  return Uint8Array.from({ length: 16 }, (_, i) => Number((number >> BigInt(120 - 8 * i)) & 0xffn));
}

/** Canonical text, character by character: 10,000 entries of a set are 20,000 addresses. */
function ipv4Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let part = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT) part += 1;
    else bytes[part] = (bytes[part] ?? 0) * 10 + code - ZERO;
  }
  return bytes;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** Throws MalformedNetlink for anything but 4 or 16 bytes. */
export function ipFromBytes(bytes: Uint8Array): Ip {
  if (bytes.length === 4) return { family: 'ipv4', text: bytes.join('.') };
  if (bytes.length !== 16) throw new MalformedNetlink(`an address has ${bytes.length} bytes`);
  const number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return ipFromNumber('ipv6', number);
}
