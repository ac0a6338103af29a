import { attributesSize, writeAttributes, type AttributeTree } from './attribute.ts';
import { readU16, readU32, writeU16, writeU32 } from './byte-order.ts';
import { MalformedNetlink } from './malformed.ts';
import { MESSAGE_HEADER, aligned } from './netlink-header.ts';

/** One message (struct nlmsghdr and what follows it). */
export interface Message {
  readonly type: number;
  readonly flags: number;
  /** Of the request; the answers to it have the same. */
  readonly sequence: number;
  /** Of the socket that asked, 0 in requests: the kernel knows. */
  readonly port: number;
  readonly payload: Uint8Array;
}

/** A message to send. Families put a struct of their own before the attributes: genlmsghdr, nfgenmsg, ifinfomsg ... */
export interface OutgoingMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly header: Uint8Array;
  readonly attributes: readonly AttributeTree[];
}

export function messageSize({ header, attributes }: Pick<OutgoingMessage, 'header' | 'attributes'>): number {
  return MESSAGE_HEADER + aligned(header.length) + attributesSize(attributes);
}

/** All in one datagram. */
export function encodeMessages(messages: readonly OutgoingMessage[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, message) => sum + messageSize(message), 0));
  let at = 0;
  for (const { type, flags, sequence, header, attributes } of messages) {
    bytes.set(header, at + MESSAGE_HEADER);
    const end = writeAttributes(bytes, at + MESSAGE_HEADER + aligned(header.length), attributes);
    writeU32(bytes, at, end - at);
    writeU16(bytes, at + 4, type);
    writeU16(bytes, at + 6, flags);
    writeU32(bytes, at + 8, sequence);
    at = end;
  }
  return bytes;
}

/** The messages of one datagram; payloads are views of it. Throws MalformedNetlink. */
export function decodeMessages(datagram: Uint8Array): readonly Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < datagram.length;) {
    const left = datagram.length - at;
    const length = left < MESSAGE_HEADER ? 0 : readU32(datagram, at);
    if (length < MESSAGE_HEADER || length > left) {
      throw new MalformedNetlink(`a message at byte ${at} of ${datagram.length} says that it has ${length} bytes`);
    }
    messages.push({
      type: readU16(datagram, at + 4),
      flags: readU16(datagram, at + 6),
      sequence: readU32(datagram, at + 8),
      port: readU32(datagram, at + 12),
      payload: datagram.subarray(at + MESSAGE_HEADER, at + length),
    });
    at += aligned(length);
  }
  return messages;
}
