// What no recording has: kernels of other versions, names that cannot be, hostile answers.
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { writeU32 } from '../../../../src/host/netlink/codec/byte-order.ts';
import { MalformedNetlink } from '../../../../src/host/netlink/codec/malformed.ts';
import { encodeMessages, type Message } from '../../../../src/host/netlink/codec/message.ts';
import {
  nestedAttribute,
  netU32Attribute,
  textAttribute,
  u8Attribute,
} from '../../../../src/host/netlink/codec/write-attribute.ts';
import { FakeTransport } from '../../../../src/host/netlink/fake-transport.ts';
import { addEntries } from '../../../../src/host/netlink/ipset/entries.ts';
import { ipSetErrnoWords } from '../../../../src/host/netlink/ipset/errors.ts';
import { createSet, destroySet, findIpSets, listSets, swapSets } from '../../../../src/host/netlink/ipset/sets.ts';
import { socketOver } from '../../../../src/host/netlink/socket.ts';
import type { AttributeTree } from '../../../../src/host/netlink/codec/attribute.ts';
import type { NetlinkSocket } from '../../../../src/host/netlink/request.ts';
import { NEEDS_LITTLE_ENDIAN } from '../../../support/netlink-recordings.ts';

const HEADER = Uint8Array.of(2, 0, 0, 0);
const [PROTOCOL, CREATE, TYPE, ADD] = [0x601, 0x602, 0x60d, 0x609];

function reply({ sequence, type }: Message, attributes: readonly AttributeTree[], flags = 0): Uint8Array {
  return encodeMessages([{ type, flags, sequence, header: HEADER, attributes }]);
}

function errorFor({ sequence }: Message, errno: number): Uint8Array {
  const payload = new Uint8Array(20);
  writeU32(payload, 0, -errno);
  return encodeMessages([{ type: 2, flags: 0x100, sequence, header: payload, attributes: [] }]);
}

/** A kernel that gives these attributes to these types of message, and agrees to all else. */
function kernel(answers: Readonly<Record<number, readonly AttributeTree[]>>): NetlinkSocket {
  const transport = new FakeTransport((messages) =>
    messages.flatMap((message) => {
      const attributes = answers[message.type];
      return [...(attributes === undefined ? [] : [reply(message, attributes)]), errorFor(message, 0)];
    }),
  );
  return socketOver(transport, { now: transport.now });
}

const SPEAKS_7 = [u8Attribute(1, 7), u8Attribute(10, 6)];

describe('ipset through netlink', () => {
  it('speaks the older version with a kernel that knows no other', () => {
    assert.equal(findIpSets(kernel({ [PROTOCOL]: [u8Attribute(1, 6)] })).protocol, 6);
  });

  it('speaks version 7 with a kernel that knows newer ones too', () => {
    assert.equal(findIpSets(kernel({ [PROTOCOL]: [u8Attribute(1, 9), u8Attribute(10, 6)] })).protocol, 7);
  });

  it('does not speak with a kernel that knows only newer ones, or only ancient ones', () => {
    const newer = kernel({ [PROTOCOL]: [u8Attribute(1, 9), u8Attribute(10, 8)] });
    assert.throws(() => findIpSets(newer), /find the kernel's ipset: it speaks versions 8 to 9 .*, chainsmith 6 to 7/);
    assert.throws(() => findIpSets(kernel({ [PROTOCOL]: [u8Attribute(1, 5)] })), /it speaks versions 5 to 5/);
  });

  it('says that there is no ipset', () => {
    const transport = new FakeTransport(([message]) =>
      message === undefined ? [] : [errorFor(message, constants.errno.EINVAL)],
    );
    assert.throws(
      () => findIpSets(socketOver(transport)),
      /find the kernel's ipset: the kernel has no ipset \(EINVAL\)/,
    );
  });

  it('makes sets in the newest revision that both sides know', function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
    const revisionFor = (newest: number, oldest: number): number | undefined => {
      let revision: number | undefined;
      const transport = new FakeTransport((messages) =>
        messages.flatMap((message) => {
          const { type, payload } = message;
          // IPSET_ATTR_REVISION, type 4.
          if (type === CREATE) revision = payload[Buffer.from(payload).indexOf('05000400', 'hex') + 4];
          const attributes = type === TYPE ? [u8Attribute(4, newest), u8Attribute(10, oldest)] : SPEAKS_7;
          return [...(type === CREATE ? [] : [reply(message, attributes)]), errorFor(message, 0)];
        }),
      );
      createSet(findIpSets(socketOver(transport)), { name: 'x', type: 'hash:ip', family: 'ipv4' });
      return revision;
    };
    assert.deepEqual([revisionFor(6, 0), revisionFor(4, 0), revisionFor(99, 0)], [6, 4, 6]);
    assert.throws(
      () => revisionFor(99, 7),
      /create the set x: the kernel has hash:ip from revision 7 on, chainsmith knows it up to 6/,
    );
  });

  it('takes no name that the kernel would cut or leave out', () => {
    const sets = findIpSets(kernel({ [PROTOCOL]: SPEAKS_7 }));
    for (const name of ['', 'a\0b', 'x'.repeat(32), 'ü'.repeat(16)]) {
      assert.throws(() => destroySet(sets, name), RangeError, JSON.stringify(name));
      assert.throws(() => swapSets(sets, 'good', name), RangeError);
    }
    destroySet(sets, 'x'.repeat(31));
  });

  it('refuses entries of a set that nobody has named', () => {
    const entries = nestedAttribute(8, [nestedAttribute(7, [])]);
    const transport = new FakeTransport(([message]) =>
      message === undefined
        ? []
        : message.type === PROTOCOL
          ? [reply(message, SPEAKS_7), errorFor(message, 0)]
          : [reply(message, [textAttribute(2, 'x'), entries], 2), reply({ ...message, type: 3 }, [], 2)],
    );
    const sets = findIpSets(socketOver(transport));
    assert.throws(
      () => listSets(sets),
      (error) => error instanceof MalformedNetlink && /header of the set x/.test(error.message),
    );
  });

  it('does not believe a line number that was never sent', () => {
    for (const line of [0, 3, 0xffff_ffff]) {
      const transport = new FakeTransport(([message]) => {
        if (message === undefined) return [];
        if (message.type === PROTOCOL) return [reply(message, SPEAKS_7), errorFor(message, 0)];
        assert.equal(message.type, ADD);
        const error = new Uint8Array(20 + 4 + 8);
        writeU32(error, 0, -4103);
        writeU32(error, 4, 16 + 12);
        const echo = encodeMessages([
          { type: 2, flags: 0, sequence: 0, header: HEADER, attributes: [netU32Attribute(9, line)] },
        ]);
        error.set(echo.subarray(16), 20);
        return [encodeMessages([{ type: 2, flags: 0, sequence: message.sequence, header: error, attributes: [] }])];
      });
      const sets = findIpSets(socketOver(transport));
      assert.throws(
        () => addEntries(sets, 'x', [{ port: 1 }, { port: 2 }]),
        /add entries to the set x: .*IPSET_ERR_EXIST/,
      );
    }
  });

  it('knows the names of ipset errors, by type of set where they differ', () => {
    const codes = (errno: number, type?: string): string | undefined => ipSetErrnoWords(errno, type)?.code;
    assert.deepEqual(
      [codes(2), codes(4096), codes(4103), codes(4114)],
      [undefined, 'IPSET_ERR_PRIVATE', 'IPSET_ERR_EXIST', 'IPSET_ERR_SKBINFO'],
    );
    assert.deepEqual(
      [codes(4352, 'hash:ip,port'), codes(4352, 'bitmap:port'), codes(4352), codes(4352, 'list:set'), codes(4200)],
      ['IPSET_ERR_HASH_FULL', 'IPSET_ERR_BITMAP_RANGE', 'ipset error 4352', 'ipset error 4352', 'ipset error 4200'],
    );
  });
});
