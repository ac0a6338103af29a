/**
 * Conversations of other programs with the kernel, byte for byte: `test/host/netlink/recordings`, whose first lines say how each file came
 * about. Bytes are those of a little-endian machine.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAttributes, type AttributeTree } from '../../src/host/netlink/codec/attribute.ts';
import { HOST_BYTE_ORDER, readU32, writeU32 } from '../../src/host/netlink/codec/byte-order.ts';
import { decodeMessages, encodeMessages, type Message } from '../../src/host/netlink/codec/message.ts';
import { aligned, MESSAGE_HEADER, NLA_F, NLM_F, NLMSG } from '../../src/host/netlink/codec/netlink-header.ts';
import { FakeTransport } from '../../src/host/netlink/fake-transport.ts';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { socketOver } from '../../src/host/netlink/socket.ts';
import { repositoryRoot } from './golden-paths.ts';

/** One datagram to the kernel, and those that came back. */
export interface Exchange {
  readonly request: Uint8Array;
  readonly replies: readonly Uint8Array[];
}

export const NEEDS_LITTLE_ENDIAN: boolean = HOST_BYTE_ORDER === 'little';

export class Recording {
  readonly #commands = new Map<string, Exchange[][]>();

  constructor(name: string) {
    const text = readFileSync(join(repositoryRoot, 'test/host/netlink/recordings', `${name}.txt`), 'utf8');
    for (const part of text.split('\n@ ').slice(1)) {
      const [command = '', ...lines] = part.split('\n');
      const exchanges: { request: Uint8Array; replies: Uint8Array[] }[] = [];
      for (const line of lines) {
        const bytes = Uint8Array.from(Buffer.from(line.slice(2), 'hex'));
        if (line.startsWith('> ')) exchanges.push({ request: bytes, replies: [] });
        if (line.startsWith('< ')) exchanges.at(-1)?.replies.push(bytes);
      }
      this.#commands.set(command, [...(this.#commands.get(command) ?? []), exchanges]);
    }
  }

  get commands(): readonly string[] {
    return [...this.#commands.keys()];
  }

  /** Of a command that was recorded several times, the nth, from 0. */
  exchanges(command: string, nth = 0): readonly Exchange[] {
    const found = this.#commands.get(command)?.[nth];
    assert.ok(found !== undefined, `no recording of ${command}`);
    return found;
  }

  /** The last one is what the command is about; those before it are questions. */
  last(command: string, nth = 0): Exchange {
    const exchange = this.exchanges(command, nth).at(-1);
    assert.ok(exchange !== undefined, `nothing was sent by ${command}`);
    return exchange;
  }

  all(): readonly Exchange[] {
    return [...this.#commands.values()].flat(2);
  }
}

export interface Replay {
  readonly socket: NetlinkSocket;
  /** What was sent, message by message. */
  readonly sent: () => readonly Message[];
  readonly assertFinished: () => void;
}

/** A kernel that gives the recorded answers, one after the other, to whatever it is asked, with the numbers of those who ask. */
export function replay(exchanges: readonly Exchange[]): Replay {
  const left = [...exchanges];
  const transport = new FakeTransport((messages) => {
    const exchange = left.shift();
    assert.ok(exchange !== undefined, 'more was sent than was recorded');
    const sequence = messages.at(-1)?.sequence ?? 0;
    const recorded = readU32(exchange.request, 8);
    const replies = exchange.replies.map((reply) => renumbered(reply, recorded, sequence));
    return isComplete(exchange) ? replies : [...replies, acknowledgement(sequence)];
  });
  return {
    socket: socketOver(transport, { now: transport.now }),
    sent: () => transport.sent.flatMap(decodeMessages),
    assertFinished: () => assert.deepEqual(left, []),
  };
}

/** Programs do not always ask for an acknowledgement, or wait for it. */
function isComplete({ replies }: Exchange): boolean {
  const last = decodeMessages(replies.at(-1) ?? new Uint8Array()).at(-1);
  return last?.type === NLMSG.ERROR || last?.type === NLMSG.DONE;
}

function acknowledgement(sequence: number): Uint8Array {
  const payload = new Uint8Array(4 + MESSAGE_HEADER);
  return encodeMessages([{ type: NLMSG.ERROR, flags: NLM_F.CAPPED, sequence, header: payload, attributes: [] }]);
}

function renumbered(reply: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = reply.slice();
  for (let at = 0; at < bytes.length; at += aligned(readU32(bytes, at))) {
    if (readU32(bytes, at + 8) === from) writeU32(bytes, at + 8, to);
  }
  return bytes;
}

/** The one message of a recorded request. */
export function requestOf({ request }: Exchange): Message {
  const [message, ...others] = decodeMessages(request);
  assert.ok(message !== undefined && others.length === 0);
  return message;
}

/** Attributes by type, nests as such, bytes as hexadecimal digits: to compare requests in which the order does not matter. */
export interface Shape {
  readonly [type: string]: string | Shape;
}

export interface RequestShape {
  readonly type: number;
  readonly flags: number;
  /** Hexadecimal. */
  readonly header: string;
  readonly attributes: Shape;
}

/** What a request says, but for whether it asks for an acknowledgement: type, flags, its family's header, its attributes. @param headerSize of the family's own header */
export function shapeOf(message: Message, headerSize: number): RequestShape {
  const flags = message.flags & ~NLM_F.ACK;
  const header = Buffer.from(message.payload.subarray(0, headerSize)).toString('hex');
  return { type: message.type, flags, header, attributes: shape(decodeAttributes(message.payload, headerSize)) };
}

export function shape(attributes: readonly AttributeTree[]): Shape {
  const entries = attributes.map(({ type, flags, value }): [string, string | Shape] => {
    const order = (flags & NLA_F.NET_BYTEORDER) === 0 ? '' : ' net';
    if (!(value instanceof Uint8Array)) return [`${type}`, shape(value)];
    if ((flags & NLA_F.NESTED) !== 0) return [`${type}`, shape(decodeAttributes(value))];
    return [`${type}${order}`, Buffer.from(value).toString('hex')];
  });
  assert.equal(new Set(entries.map(([type]) => type)).size, entries.length, 'two attributes of one type');
  return Object.fromEntries(entries);
}

/** Of the first one only what the other one has as well, nest by nest. */
export function restrictedTo(all: RequestShape, other: RequestShape): RequestShape {
  return { ...all, attributes: restricted(all.attributes, other.attributes) };
}

function restricted(all: Shape, other: Shape): Shape {
  return Object.fromEntries(
    Object.entries(all).flatMap(([type, value]) => {
      const counterpart = other[type];
      if (counterpart === undefined) return [];
      return [
        [type, typeof value === 'object' && typeof counterpart === 'object' ? restricted(value, counterpart) : value],
      ];
    }),
  );
}
