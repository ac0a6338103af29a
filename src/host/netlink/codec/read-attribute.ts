// Values of attributes by type: undefined if there is none of that type, MalformedNetlink if its value is shorter than its kind. Of several
// with the same type the last one counts, as in the kernel.
import type { Ip } from '../../../core/model/ip.ts';
import { decodeAttributes, type Attribute } from './attribute.ts';
import { HOST_BYTE_ORDER, readU16, readU32, type ByteOrder } from './byte-order.ts';
import { ipFromBytes } from './ip-bytes.ts';
import { MalformedNetlink } from './malformed.ts';
import { NLA_F } from './netlink-header.ts';

export function findAttribute(attributes: readonly Attribute[], type: number): Attribute | undefined {
  for (let i = attributes.length - 1; i >= 0; i -= 1) {
    if (attributes[i]?.type === type) return attributes[i];
  }
  return undefined;
}

function find(attributes: readonly Attribute[], type: number, size: number): Attribute | undefined {
  const attribute = findAttribute(attributes, type);
  if (attribute !== undefined && attribute.value.length < size) {
    throw new MalformedNetlink(`attribute ${type} has ${attribute.value.length} bytes, not ${size}`);
  }
  return attribute;
}

function orderOf({ flags }: Attribute): ByteOrder {
  return (flags & NLA_F.NET_BYTEORDER) === 0 ? HOST_BYTE_ORDER : 'big';
}

export function readU8Attribute(attributes: readonly Attribute[], type: number): number | undefined {
  return find(attributes, type, 1)?.value[0];
}

/** Without an order: in network order if the attribute is marked so, else in the machine's. */
export function readU16Attribute(
  attributes: readonly Attribute[],
  type: number,
  order?: ByteOrder,
): number | undefined {
  const attribute = find(attributes, type, 2);
  return attribute === undefined ? undefined : readU16(attribute.value, 0, order ?? orderOf(attribute));
}

/** Without an order: in network order if the attribute is marked so, else in the machine's. */
export function readU32Attribute(
  attributes: readonly Attribute[],
  type: number,
  order?: ByteOrder,
): number | undefined {
  const attribute = find(attributes, type, 4);
  return attribute === undefined ? undefined : readU32(attribute.value, 0, order ?? orderOf(attribute));
}

/** Up to the first NUL byte, if there is one. Bytes that are no UTF-8 become U+FFFD. */
export function readTextAttribute(attributes: readonly Attribute[], type: number): string | undefined {
  const value = findAttribute(attributes, type)?.value;
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return decoder.decode(end === -1 ? value : value.subarray(0, end));
}

const decoder = new TextDecoder();

/** The address in the first 4 or 16 bytes, by its family. */
export function readIpAttribute(attributes: readonly Attribute[], type: number, family: Ip['family']): Ip | undefined {
  const size = family === 'ipv4' ? 4 : 16;
  const value = find(attributes, type, size)?.value;
  return value === undefined ? undefined : ipFromBytes(value.subarray(0, size));
}

/** Whether it is marked as a nest or not. */
export function readNestedAttribute(attributes: readonly Attribute[], type: number): readonly Attribute[] | undefined {
  const attribute = findAttribute(attributes, type);
  return attribute === undefined ? undefined : decodeAttributes(attribute.value);
}

/** For what is always there. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new MalformedNetlink(`it has no ${what}`);
  return value;
}
