import { readU16, writeU16 } from './byte-order.ts';
import { MalformedNetlink } from './malformed.ts';
import { ATTRIBUTE_HEADER, NLA_F, NLA_TYPE_MASK, aligned } from './netlink-header.ts';

/** One attribute (struct nlattr). What its type means, and whether its value is made of attributes, only the family knows. */
export interface Attribute {
  /** 14 bits. */
  readonly type: number;
  /**
   * NLA_F_NESTED and NLA_F_NET_BYTEORDER. Parts of the kernel that are older than the first (2019, Linux 5.2) neither want nor set it; what
   * came later refuses a nest without it.
   */
  readonly flags: number;
  readonly value: Uint8Array;
}

/** The same for what is sent: the value may be attributes, which are encoded in place. */
export interface AttributeTree {
  readonly type: number;
  readonly flags: number;
  readonly value: Uint8Array | readonly AttributeTree[];
}

/** nla_len has 16 bits and counts the header. */
export const MAX_ATTRIBUTE_VALUE: number = 0xffff - ATTRIBUTE_HEADER;

/** Bytes, with the padding behind each. */
export function attributesSize(attributes: readonly AttributeTree[]): number {
  let size = 0;
  for (const attribute of attributes) size += attributeSize(attribute);
  return size;
}

export function attributeSize({ value }: AttributeTree): number {
  return ATTRIBUTE_HEADER + aligned(value instanceof Uint8Array ? value.length : attributesSize(value));
}

/** Writes them behind one another, and says where they end. The bytes must be zero before: padding is not written. */
export function writeAttributes(bytes: Uint8Array, at: number, attributes: readonly AttributeTree[]): number {
  let end = at;
  for (const { type, flags, value } of attributes) {
    const start = end;
    const from = start + ATTRIBUTE_HEADER;
    let to = from;
    if (value instanceof Uint8Array) {
      if (value.length <= MAX_ATTRIBUTE_VALUE) bytes.set(value, from);
      to += value.length;
    } else {
      to = writeAttributes(bytes, from, value);
    }
    if (to - from > MAX_ATTRIBUTE_VALUE) throw new RangeError(`attribute ${type} has ${to - from} bytes`);
    writeU16(bytes, start, to - start);
    writeU16(bytes, start + 2, (type & NLA_TYPE_MASK) | flags);
    end = from + aligned(to - from);
  }
  return end;
}

export function encodeAttributes(attributes: readonly AttributeTree[]): Uint8Array {
  const bytes = new Uint8Array(attributesSize(attributes));
  writeAttributes(bytes, 0, attributes);
  return bytes;
}

/** Their values are views of the bytes. The last one's padding may be missing. Throws MalformedNetlink. */
export function decodeAttributes(bytes: Uint8Array, from = 0): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = from; at < bytes.length;) {
    const left = bytes.length - at;
    const length = left < ATTRIBUTE_HEADER ? 0 : readU16(bytes, at);
    if (length < ATTRIBUTE_HEADER || length > left) {
      throw new MalformedNetlink(`an attribute at byte ${at} of ${bytes.length} says that it has ${length} bytes`);
    }
    const word = readU16(bytes, at + 2);
    attributes.push({
      type: word & NLA_TYPE_MASK,
      flags: word & (NLA_F.NESTED | NLA_F.NET_BYTEORDER),
      value: bytes.subarray(at + ATTRIBUTE_HEADER, at + length),
    });
    at += aligned(length);
  }
  return attributes;
}
