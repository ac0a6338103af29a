import assert from 'node:assert/strict';
import { MalformedNetlink } from '../../../../src/host/netlink/codec/malformed.ts';
import { decodeMessages, encodeMessages, messageSize } from '../../../../src/host/netlink/codec/message.ts';
import { nestedAttribute, textAttribute, u8Attribute } from '../../../../src/host/netlink/codec/write-attribute.ts';
import { NEEDS_LITTLE_ENDIAN, Recording, requestOf } from '../../../support/netlink-recordings.ts';

describe('netlink messages', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  it('are encoded as ipset(8) does', () => {
    const { request } = new Recording('ipset').last('ipset create loop hash:ip,port,ip');
    const { sequence } = requestOf({ request, replies: [] });
    const attributes = [
      u8Attribute(1, 7),
      textAttribute(2, 'loop'),
      textAttribute(3, 'hash:ip,port,ip'),
      u8Attribute(4, 6),
      u8Attribute(5, 2),
      nestedAttribute(7, []),
    ];
    const message = { type: 0x602, flags: 0x605, sequence, header: Uint8Array.of(2, 0, 0, 0), attributes };
    assert.deepEqual(encodeMessages([message]), request);
    assert.equal(messageSize(message), request.length);
  });

  it('are decoded, several in one datagram', () => {
    const listing = new Recording('ipset').last('ipset list -n').replies;
    const bytes = Buffer.concat(listing);
    const messages = decodeMessages(bytes);
    assert.equal(messages.length, listing.length);
    assert.deepEqual(
      messages.map(({ type, flags }) => [type, flags]),
      [...listing.slice(1).map(() => [0x607, 2]), [3, 2]],
    );
    assert.ok(messages.every(({ payload }) => payload.length >= 4));
  });

  it('may lack the padding behind the last one', () => {
    const odd = Buffer.from('1500000010000000010000000000000007', 'hex');
    assert.throws(() => decodeMessages(odd.subarray(0, 20)), MalformedNetlink);
    const message = Buffer.concat([
      Buffer.from('15000000100000000100000000000000', 'hex'),
      Buffer.from('0102030405', 'hex'),
    ]);
    assert.deepEqual([...(decodeMessages(message)[0]?.payload ?? [])], [1, 2, 3, 4, 5]);
  });

  const MALFORMED: readonly (readonly [what: string, hex: string])[] = [
    ['a header that is cut', '14000000030002'],
    ['a length shorter than the header', '0f000000030002000000000000000000'],
    ['a length of nothing', '00000000000000000000000000000000'],
    ['a length beyond the end', '11000000030002000000000000000000'],
    ['a length beyond all bounds', 'ffffffff030002000000000000000000'],
    ['a second one that is cut', '10000000030002000000000000000000100000'],
  ];
  for (const [what, hex] of MALFORMED) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeMessages(Buffer.from(hex, 'hex')), MalformedNetlink);
    });
  }
});
