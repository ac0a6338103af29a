// Attributes to send, one function for each kind of value.
import type { Ip } from '../../../core/model/ip.ts';
import type { AttributeTree } from './attribute.ts';
import { writeU16, writeU32, type ByteOrder } from './byte-order.ts';
import { ipToBytes } from './ip-bytes.ts';
import { NLA_F } from './netlink-header.ts';

export function bytesAttribute(type: number, value: Uint8Array): AttributeTree {
  return { type, flags: 0, value };
}

export function u8Attribute(type: number, value: number): AttributeTree {
  return { type, flags: 0, value: Uint8Array.of(value) };
}

export function u16Attribute(type: number, value: number, order?: ByteOrder): AttributeTree {
  const bytes = new Uint8Array(2);
  writeU16(bytes, 0, value, order);
  return { type, flags: 0, value: bytes };
}

export function u32Attribute(type: number, value: number, order?: ByteOrder): AttributeTree {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value, order);
  return { type, flags: 0, value: bytes };
}

/** In network order, and marked so. */
export function netU16Attribute(type: number, value: number): AttributeTree {
  return { ...u16Attribute(type, value, 'big'), flags: NLA_F.NET_BYTEORDER };
}

/** In network order, and marked so. */
export function netU32Attribute(type: number, value: number): AttributeTree {
  return { ...u32Attribute(type, value, 'big'), flags: NLA_F.NET_BYTEORDER };
}

/** The address's own bytes, 4 or 16, unmarked. */
export function ipAttribute(type: number, ip: Ip): AttributeTree {
  return { type, flags: 0, value: ipToBytes(ip) };
}

/** UTF-8, ended by a NUL byte (NLA_NUL_STRING). */
export function textAttribute(type: number, text: string): AttributeTree {
  return { type, flags: 0, value: new TextEncoder().encode(`${text}\0`) };
}

/** Marked as such. */
export function nestedAttribute(type: number, attributes: readonly AttributeTree[]): AttributeTree {
  return { type, flags: NLA_F.NESTED, value: attributes };
}
