import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ipFromNumber, type Ip } from '../../src/core/model/ip.ts';
import { answerOf } from '../../src/host/netlink/codec/answer.ts';
import {
  attributesSize,
  decodeAttributes,
  encodeAttributes,
  type AttributeTree,
} from '../../src/host/netlink/codec/attribute.ts';
import { readI32, readU16, readU32, writeU16, writeU32 } from '../../src/host/netlink/codec/byte-order.ts';
import { ipFromBytes, ipToBytes } from '../../src/host/netlink/codec/ip-bytes.ts';
import { MalformedNetlink } from '../../src/host/netlink/codec/malformed.ts';
import { decodeMessages, encodeMessages, type OutgoingMessage } from '../../src/host/netlink/codec/message.ts';
import { NLA_F } from '../../src/host/netlink/codec/netlink-header.ts';
import { deleteConntrack, listConntrack } from '../../src/host/netlink/conntrack/conntrack.ts';
import { readTuple, tupleAttribute, type ConntrackTuple } from '../../src/host/netlink/conntrack/tuple.ts';
import { FakeTransport } from '../../src/host/netlink/fake-transport.ts';
import { addEntries } from '../../src/host/netlink/ipset/entries.ts';
import { entryAttributes, readEntry, type IpSetEntry } from '../../src/host/netlink/ipset/entry.ts';
import { optionAttributes, readOptions, type IpSetOptions } from '../../src/host/netlink/ipset/set.ts';
import { findIpSets, listSetHeaders, listSets } from '../../src/host/netlink/ipset/sets.ts';
import {
  destinationAttribute,
  readDestination,
  type IpvsDestination,
} from '../../src/host/netlink/ipvs/destination.ts';
import { findIpvs, getInfo, getTimeouts, listDestinations, listServices } from '../../src/host/netlink/ipvs/ipvs.ts';
import { readService, serviceAttribute, type IpvsService } from '../../src/host/netlink/ipvs/service.ts';
import { NetlinkError } from '../../src/host/netlink/netlink-error.ts';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { listAddresses } from '../../src/host/netlink/route/addresses.ts';
import { findLink, listLinks } from '../../src/host/netlink/route/links.ts';
import { socketOver } from '../../src/host/netlink/socket.ts';
import { holds } from '../support/law.ts';
import { Recording } from '../support/netlink-recordings.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

/** fast-check gives objects without a prototype now and then, which are equal to none of ours. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const { tree } = fc.letrec<{ tree: AttributeTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain({ type: fc.nat(0x3fff), flags: fc.constantFrom(0, NLA_F.NET_BYTEORDER), value: bytes }),
    plain({
      type: fc.nat(0x3fff),
      flags: fc.constant(NLA_F.NESTED),
      value: fc.array(tie('tree'), { maxLength: 4 }),
    }),
  ),
}));

/** Values are decoded as bytes; a nest is known by its mark. */
function decodeTrees(encoded: Uint8Array): readonly AttributeTree[] {
  return decodeAttributes(encoded).map(({ type, flags, value }) => ({
    type,
    flags,
    value: (flags & NLA_F.NESTED) === 0 ? Uint8Array.from(value) : decodeTrees(value),
  }));
}

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

const message: fc.Arbitrary<OutgoingMessage> = plain({
  type: u16,
  flags: u16,
  sequence: u32,
  header: fc.nat(5).map((words) => new Uint8Array(4 * words).fill(words)),
  attributes: fc.array(tree, { maxLength: 4 }),
});

function ipOf(family: Ip['family']): fc.Arbitrary<Ip> {
  const bits = family === 'ipv4' ? 32n : 128n;
  return fc.bigInt({ min: 0n, max: (1n << bits) - 1n }).map((number) => ipFromNumber(family, number));
}

const ip = fc.oneof(ipOf('ipv4'), ipOf('ipv6'));
const family = fc.constantFrom<Ip['family']>('ipv4', 'ipv6');

const text = fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/);

const entry: fc.Arbitrary<IpSetEntry> = fc.record(
  {
    ip,
    prefix: fc.nat(128),
    port: u16,
    protocol: u8,
    ip2: ip,
    prefix2: fc.nat(128),
    timeout: u32,
    noMatch: fc.constant(true),
    comment: text,
  },
  { requiredKeys: [], noNullPrototype: true },
);

const options: fc.Arbitrary<IpSetOptions> = fc.record(
  {
    hashSize: u32,
    maxElements: u32,
    bucketSize: u8,
    initValue: u32,
    netmask: u8,
    timeout: u32,
    ports: fc.tuple(u16, u16),
    counters: fc.constant(true),
    comments: fc.constant(true),
    forceAdd: fc.constant(true),
    skbInfo: fc.constant(true),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const service: fc.Arbitrary<IpvsService> = fc
  .oneof(
    plain({ kind: fc.constant('address' as const), protocol: u8, ip, port: u16 }),
    plain({ kind: fc.constant('mark' as const), mark: u32, family }),
  )
  .chain((key) => {
    const isIpv4 = (key.kind === 'mark' ? key.family : key.ip.family) === 'ipv4';
    return plain({
      key: fc.constant(key),
      scheduler: text,
      persistence: fc.option(u32, { nil: undefined }),
      persistencePrefix: fc.nat(isIpv4 ? 32 : 128),
      onePacket: fc.boolean(),
      schedulerFlags: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      persistenceEngine: fc.option(text, { nil: undefined }),
    });
  });

const tunnel = plain({ type: fc.integer({ min: 1, max: 2 }), port: u16, flags: u16 });
const destination: fc.Arbitrary<IpvsDestination> = plain({
  ip,
  port: u16,
  weight: u32,
  upperThreshold: u32,
  lowerThreshold: u32,
  forwarding: fc.constantFrom<IpvsDestination['forwarding']>('masquerade', 'local', 'tunnel', 'direct', 'bypass'),
  tunnel: fc.option(tunnel, { nil: undefined }),
});

/** Protocols of either kind of identifiers, and of none. */
const tuple: fc.Arbitrary<ConntrackTuple> = family.chain((of) =>
  plain({
    source: ipOf(of),
    destination: ipOf(of),
    transport: fc.oneof(
      plain({ kind: fc.constant('ports' as const), protocol: u8, sourcePort: u16, destinationPort: u16 }),
      plain({ kind: fc.constant('icmp' as const), protocol: fc.constantFrom(1, 58), id: u16, type: u8, code: u8 }),
      plain({ kind: fc.constant('other' as const), protocol: u8 }),
    ),
    zone: fc.option(u16, { nil: undefined }),
  }),
);

/** What the kernel would see of one nest: its attributes. */
function inside(nest: AttributeTree): ReturnType<typeof decodeAttributes> {
  const [attribute] = decodeAttributes(encodeAttributes([nest]));
  return decodeAttributes(attribute?.value ?? new Uint8Array());
}

/** The families' own functions, each over a kernel that answers with these bytes to everything. */
const READERS: readonly ((socket: NetlinkSocket) => unknown)[] = [
  (socket) => findIpSets(socket),
  (socket) => listSets({ socket, protocol: 7 }),
  (socket) => listSetHeaders({ socket, protocol: 7 }),
  (socket) => addEntries({ socket, protocol: 7 }, 'x', [{ port: 1 }, { port: 2 }]),
  (socket) => findIpvs(socket),
  (socket) => listServices({ socket, family: { name: 'IPVS', id: 28, version: 1 } }),
  (socket) =>
    listDestinations(
      { socket, family: { name: 'IPVS', id: 28, version: 1 } },
      { kind: 'mark', mark: 1, family: 'ipv4' },
    ),
  (socket) => getTimeouts({ socket, family: { name: 'IPVS', id: 28, version: 1 } }),
  (socket) => getInfo({ socket, family: { name: 'IPVS', id: 28, version: 1 } }),
  (socket) => listLinks(socket),
  (socket) => findLink(socket, 'lo'),
  (socket) => listAddresses(socket),
  (socket) => listConntrack(socket, { family: 'ipv4', protocol: 17 }),
  (socket) =>
    deleteConntrack(socket, [
      {
        original: {
          source: { family: 'ipv4', text: '10.0.0.1' },
          destination: { family: 'ipv4', text: '10.0.0.2' },
          transport: { kind: 'other', protocol: 1 },
          zone: undefined,
        },
        zone: 0,
        id: undefined,
      },
    ]),
];

/** Real answers, with the number that the first request of a socket has. */
const REAL: readonly Uint8Array[] = ['ipset', 'ipvs', 'route', 'conntrack', 'extended-acks']
  .flatMap((name) => new Recording(name).all())
  .flatMap(({ replies }) => replies)
  .map((reply) => {
    const copy = reply.slice();
    for (let at = 0; at + 16 <= copy.length; at += Math.max(16, (readU32(copy, at) + 3) & ~3))
      writeU32(copy, at + 8, 1);
    return copy;
  });

interface Damage {
  readonly at: number;
  readonly byte: number;
}

/** Real answers with some bytes changed, cut anywhere, or with something behind. */
const damaged = plain({
  which: fc.nat(REAL.length - 1),
  damage: fc.array(plain({ at: fc.nat(400), byte: u8 }), { maxLength: 6 }),
  cut: fc.option(fc.nat(600), { nil: undefined }),
  more: bytes,
}).map(({ which, damage, cut, more }): Uint8Array => {
  const copy = Uint8Array.from(REAL[which] ?? []);
  for (const { at, byte } of damage satisfies readonly Damage[]) if (at < copy.length) copy[at] = byte;
  return Buffer.concat([copy.subarray(0, cut ?? copy.length), more]);
});

const anyDatagram = fc.oneof(
  { arbitrary: damaged, weight: 4 },
  { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
);

/** Runs it: anything but a typed error is a fault. */
function isTotal(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof MalformedNetlink || error instanceof NetlinkError, String(error));
  }
}

describe('laws of the netlink codec', () => {
  it('decodes the attributes that it encodes, nest by nest', () => {
    holds(
      fc.property(fc.array(tree, { maxLength: 6 }), (trees) => {
        const encoded = encodeAttributes(trees);
        assert.equal(encoded.length, attributesSize(trees));
        assert.deepEqual(decodeTrees(encoded), trees);
      }),
      { runs: 500 },
    );
  });

  it('decodes the messages that it encodes, all of one datagram', () => {
    holds(
      fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
        const decoded = decodeMessages(encodeMessages(messages));
        assert.deepEqual(
          decoded.map(({ payload, port, ...rest }) => ({
            ...rest,
            port,
            payload: Buffer.from(payload).toString('hex'),
          })),
          messages.map(({ type, flags, sequence, header, attributes }) => ({
            type,
            flags,
            sequence,
            port: 0,
            payload: Buffer.concat([header, encodeAttributes(attributes)]).toString('hex'),
          })),
        );
      }),
      { runs: 300 },
    );
  });

  it('reads the numbers that it writes, in both byte orders', () => {
    const at = fc.nat(3);
    holds(
      fc.property(
        at,
        u16,
        fc.integer(),
        fc.constantFrom('little' as const, 'big' as const),
        (from, short, long, order) => {
          const room = new Uint8Array(12);
          writeU16(room, from, short, order);
          writeU32(room, from + 2, long, order);
          assert.equal(readU16(room, from, order), short);
          assert.equal(readI32(room, from + 2, order), long);
          assert.equal(readU32(room, from + 2, order), long >>> 0);
        },
      ),
      { runs: 300 },
    );
  });

  it('reads the addresses that it writes', () => {
    holds(
      fc.property(ip, (address) => assert.deepEqual(ipFromBytes(ipToBytes(address)), address)),
      { runs: 300 },
    );
  });

  it('reads the entries and options of sets that it writes', () => {
    holds(
      fc.property(entry, options, (one, made) => {
        assert.deepEqual(readEntry(decodeAttributes(encodeAttributes(entryAttributes(one)))), one);
        assert.deepEqual(readOptions(decodeAttributes(encodeAttributes(optionAttributes(made)))), made);
      }),
      { runs: 300 },
    );
  });

  it('reads the virtual services and real servers that it writes', () => {
    const counted = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };
    holds(
      fc.property(service, destination, (virtual, real) => {
        assert.deepEqual(readService(inside(serviceAttribute(virtual))), virtual);
        assert.deepEqual(readDestination(inside(destinationAttribute(real)), 'ipv4'), { ...real, ...counted });
      }),
      { runs: 300 },
    );
  });

  it('reads the tuples of connections that it writes', () => {
    holds(
      fc.property(tuple, (direction) => assert.deepEqual(readTuple(inside(tupleAttribute(1, direction))), direction)),
      { runs: 300 },
    );
  });

  it('gives a typed error, or an answer, for any bytes', () => {
    holds(
      fc.property(anyDatagram, (datagram) => {
        isTotal(() => decodeMessages(datagram).map(answerOf));
        isTotal(() => decodeAttributes(datagram));
      }),
      { runs: 1000 },
    );
  });

  it('ends every conversation, whatever the kernel says', () => {
    holds(
      fc.property(fc.array(anyDatagram, { maxLength: 4 }), (datagrams) => {
        for (const read of READERS) {
          const transport = new FakeTransport(() => datagrams);
          isTotal(() => read(socketOver(transport, { now: transport.now })));
        }
      }),
      { runs: 500 },
    );
  });
});
