// Netlink's headers and most of its values are in the machine's own byte order; what comes from packets (addresses, ports) and all of
// ipset and ctnetlink is in network order, which is big-endian.

export type ByteOrder = 'little' | 'big';

export const HOST_BYTE_ORDER: ByteOrder = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'little' : 'big';

/** Bytes past the end read as 0: whoever calls has checked the length. */
export function readU16(bytes: Uint8Array, at: number, order: ByteOrder = HOST_BYTE_ORDER): number {
  const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
  return order === 'little' ? first | (second << 8) : (first << 8) | second;
}

export function readU32(bytes: Uint8Array, at: number, order: ByteOrder = HOST_BYTE_ORDER): number {
  const [first, second] = [readU16(bytes, at, order), readU16(bytes, at + 2, order)];
  return order === 'little' ? (first | (second << 16)) >>> 0 : ((first << 16) | second) >>> 0;
}

/** As a C int: error numbers are negative. */
export function readI32(bytes: Uint8Array, at: number, order: ByteOrder = HOST_BYTE_ORDER): number {
  return readU32(bytes, at, order) | 0;
}

export function readU64(bytes: Uint8Array, at: number, order: ByteOrder = HOST_BYTE_ORDER): bigint {
  const [first, second] = [BigInt(readU32(bytes, at, order)), BigInt(readU32(bytes, at + 4, order))];
  return order === 'little' ? first | (second << 32n) : (first << 32n) | second;
}

/** The low 16 bits of the value. */
export function writeU16(bytes: Uint8Array, at: number, value: number, order: ByteOrder = HOST_BYTE_ORDER): void {
  const [low, high] = order === 'little' ? [at, at + 1] : [at + 1, at];
  bytes[low] = value & 0xff;
  bytes[high] = (value >>> 8) & 0xff;
}

/** The low 32 bits of the value, which may be negative. */
export function writeU32(bytes: Uint8Array, at: number, value: number, order: ByteOrder = HOST_BYTE_ORDER): void {
  const [low, high] = order === 'little' ? [at, at + 2] : [at + 2, at];
  writeU16(bytes, low, value & 0xffff, order);
  writeU16(bytes, high, value >>> 16, order);
}
