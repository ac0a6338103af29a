// conntrack(8)'s conversations with the kernel, had by chainsmith: what it sends says the same, and what comes back is understood.
import assert from 'node:assert/strict';
import { readU32, writeU32 } from '../../../../src/host/netlink/codec/byte-order.ts';
import { encodeMessages } from '../../../../src/host/netlink/codec/message.ts';
import {
  deleteConntrack,
  listConntrack,
  type ConntrackEntry,
  type ConntrackFilter,
} from '../../../../src/host/netlink/conntrack/conntrack.ts';
import type { ConntrackTransport, ConntrackTuple } from '../../../../src/host/netlink/conntrack/tuple.ts';
import { describeTuple } from '../../../../src/host/netlink/conntrack/tuple.ts';
import { ip } from '../../../support/builders.ts';
import {
  NEEDS_LITTLE_ENDIAN,
  Recording,
  replay,
  requestOf,
  restrictedTo,
  shapeOf,
} from '../../../support/netlink-recordings.ts';

const HEADER = 4;

function tuple(source: string, destination: string, transport: ConntrackTransport): ConntrackTuple {
  return { source: ip(source), destination: ip(destination), transport, zone: undefined };
}

function ports(protocol: number, sourcePort: number, destinationPort: number): ConntrackTransport {
  return { kind: 'ports', protocol, sourcePort, destinationPort };
}

const UDP = tuple('10.0.0.1', '10.96.0.10', ports(17, 5353, 53));

describe('connection tracking through netlink, recorded', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  const recording = new Recording('conntrack');
  const everything = recording.last('conntrack -L');

  function list(filter: ConntrackFilter = {}): readonly ConntrackEntry[] {
    return listConntrack(replay([everything]).socket, filter);
  }

  /** By what tells them apart: the original direction. */
  const byName = new Map(NEEDS_LITTLE_ENDIAN ? list().map((entry) => [describeTuple(entry.original), entry]) : []);

  it('lists all entries', () => {
    const { socket, sent } = replay([everything]);
    assert.equal(listConntrack(socket).length, 7);
    assert.deepEqual(
      sent().map((message) => shapeOf(message, HEADER)),
      [shapeOf(requestOf(everything), HEADER)],
    );
    assert.deepEqual([...byName.keys()].toSorted(), [
      'protocol 1 10.0.0.4 -> 10.0.0.5 id 77',
      'protocol 58 fd00::4 -> fd00::5 id 78',
      'sctp 10.0.0.6:40001 -> 10.96.0.11:9000',
      'tcp 10.0.0.2:40000 -> 10.96.0.1:443',
      'udp 10.0.0.1:5353 -> 10.96.0.10:53',
      'udp 10.0.0.3:5353 -> 10.96.0.10:53',
      'udp [fd00::1]:5353 -> [fd00:96::a]:53',
    ]);
  });

  it('understands an entry of UDP with translated packets', () => {
    const entry = byName.get(describeTuple(UDP));
    assert.ok(entry !== undefined);
    const { id, timeout, ...rest } = entry;
    assert.ok(id !== undefined && timeout !== undefined && timeout > 590 && timeout <= 600);
    assert.deepEqual(rest, {
      original: UDP,
      reply: tuple('10.244.0.7', '10.0.0.1', ports(17, 5353, 5353)),
      zone: 0,
      mark: 0,
      isReplied: true,
      isAssured: false,
      isSourceTranslated: false,
      isDestinationTranslated: rest.isDestinationTranslated,
    });
  });

  it('understands marks, zones and states', () => {
    const tcp = byName.get('tcp 10.0.0.2:40000 -> 10.96.0.1:443');
    assert.deepEqual([tcp?.mark, tcp?.zone, tcp?.isReplied, tcp?.isAssured], [7, 0, true, true]);
    const zoned = byName.get('udp 10.0.0.3:5353 -> 10.96.0.10:53');
    assert.deepEqual([zoned?.mark, zoned?.zone, zoned?.isReplied, zoned?.isAssured], [0, 5, false, false]);
  });

  it('understands echoes of both families', () => {
    const of = (name: string): readonly unknown[] => {
      const entry = byName.get(name);
      return [entry?.original.transport, entry?.reply.transport];
    };
    assert.deepEqual(of('protocol 1 10.0.0.4 -> 10.0.0.5 id 77'), [
      { kind: 'icmp', protocol: 1, id: 77, type: 8, code: 0 },
      { kind: 'icmp', protocol: 1, id: 77, type: 0, code: 0 },
    ]);
    assert.deepEqual(of('protocol 58 fd00::4 -> fd00::5 id 78'), [
      { kind: 'icmp', protocol: 58, id: 78, type: 128, code: 0 },
      { kind: 'icmp', protocol: 58, id: 78, type: 129, code: 0 },
    ]);
  });

  it('lists what a filter asks for, whatever the kernel made of it', () => {
    const count = (filter: ConntrackFilter): number => list(filter).length;
    assert.deepEqual(
      [
        count({ family: 'ipv4' }),
        count({ family: 'ipv6' }),
        count({ protocol: 17 }),
        count({ family: 'ipv4', protocol: 17 }),
        count({ zone: 0 }),
        count({ zone: 5 }),
        count({ family: 'ipv6', protocol: 17, zone: 5 }),
      ],
      [5, 2, 3, 2, 6, 1, 0],
    );
  });

  it('asks the kernel for one family and protocol', () => {
    const { socket, sent } = replay([everything]);
    listConntrack(socket, { family: 'ipv4', protocol: 17 });
    assert.deepEqual(
      sent().map((message) => shapeOf(message, HEADER)),
      [
        // CTA_TUPLE_ORIG { CTA_TUPLE_PROTO { CTA_PROTO_NUM } }, CTA_FILTER { CTA_FILTER_ORIG_FLAGS }
        { type: 0x101, flags: 0x301, header: '02000000', attributes: { 1: { 2: { 1: '11' } }, 25: { 1: '08000000' } } },
      ],
    );
  });

  it('asks for all where the kernel knows no such filter', () => {
    const refusal = { request: everything.request, replies: [refusalOf(everything.request)] };
    const { socket, sent, assertFinished } = replay([refusal, everything]);
    assert.equal(listConntrack(socket, { family: 'ipv4', protocol: 17 }).length, 2);
    assertFinished();
    assert.deepEqual(shapeOf(sent()[1] ?? requestOf(everything), HEADER).attributes, {});
  });

  it('deletes exactly one entry', () => {
    const deletion = recording.exchanges('conntrack -D -s 10.0.0.1 -p udp')[1];
    const entry = byName.get(describeTuple(UDP));
    assert.ok(deletion !== undefined && entry !== undefined);
    const { socket, sent } = replay([deletion]);
    assert.deepEqual(deleteConntrack(socket, [entry]), []);
    const [ours] = sent().map((message) => shapeOf(message, HEADER));
    assert.ok(ours !== undefined);
    // conntrack(8) sends the rest of the entry too, but not CTA_ID, 12: it may hit another one that came meanwhile. CTA_TUPLE_ORIG is 1.
    const { 12: id, ...attributes } = ours.attributes;
    assert.deepEqual({ ...ours, attributes }, restrictedTo(shapeOf(requestOf(deletion), HEADER), ours));
    assert.deepEqual([id, Object.keys(attributes)], [entry.id?.toString(16).padStart(8, '0'), ['1']]);
  });

  it('deletes an entry of a zone', () => {
    const deletion = recording.exchanges('conntrack -D -w 5')[1];
    const entry = byName.get('udp 10.0.0.3:5353 -> 10.96.0.10:53');
    assert.ok(deletion !== undefined && entry !== undefined);
    const { socket, sent } = replay([deletion]);
    assert.deepEqual(deleteConntrack(socket, [entry]), []);
    const [ours] = sent().map((message) => shapeOf(message, HEADER));
    assert.ok(ours !== undefined);
    const { 12: id, ...attributes } = ours.attributes;
    assert.deepEqual({ ...ours, attributes }, restrictedTo(shapeOf(requestOf(deletion), HEADER), ours));
    assert.deepEqual([id, Object.keys(attributes)], [entry.id?.toString(16).padStart(8, '0'), ['1', '18']]);
  });

  it('keeps zones of one direction, and entries without a number', () => {
    const key = { original: { ...UDP, zone: 3 }, zone: 0, id: undefined };
    const { socket, sent } = replay([recording.last('conntrack -D -w 5')]);
    deleteConntrack(socket, [key]);
    const [ours] = sent().map((message) => shapeOf(message, HEADER));
    assert.deepEqual(ours?.attributes, {
      1: { 1: { 1: '0a000001', 2: '0a60000a' }, 2: { 1: '11', 2: '14e9', 3: '0035' }, 3: '0003' },
    });
  });
});

/** EOPNOTSUPP. */
function refusalOf(request: Uint8Array): Uint8Array {
  const error = Buffer.concat([new Uint8Array(4), request.subarray(0, 16)]);
  writeU32(error, 0, -95);
  const sequence = readU32(request, 8);
  return encodeMessages([{ type: 2, flags: 0x100, sequence, header: error, attributes: [] }]);
}
