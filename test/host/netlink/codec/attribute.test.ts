import assert from 'node:assert/strict';
import {
  attributesSize,
  decodeAttributes,
  encodeAttributes,
  MAX_ATTRIBUTE_VALUE,
  type AttributeTree,
} from '../../../../src/host/netlink/codec/attribute.ts';
import { MalformedNetlink } from '../../../../src/host/netlink/codec/malformed.ts';
import {
  bytesAttribute,
  ipAttribute,
  nestedAttribute,
  netU16Attribute,
  netU32Attribute,
  textAttribute,
  u16Attribute,
  u32Attribute,
  u8Attribute,
} from '../../../../src/host/netlink/codec/write-attribute.ts';
import { NEEDS_LITTLE_ENDIAN } from '../../../support/netlink-recordings.ts';

const V4 = { family: 'ipv4', text: '10.0.0.1' } as const;
const V6 = { family: 'ipv6', text: 'fd00::1' } as const;

/** Spelled as the requests of ipset(8), ipvsadm(8) and ip(8) in `recordings` have them. */
const TABLE: readonly (readonly [what: string, attribute: AttributeTree, hex: string])[] = [
  ['one byte, padded', u8Attribute(1, 7), '0500010007000000'],
  ['two bytes', u16Attribute(1, 2), '0600010002000000'],
  ['two bytes in network order, unmarked', u16Attribute(4, 443, 'big'), '0600040001bb0000'],
  ['two bytes in network order, marked', netU16Attribute(4, 80), '0600044000500000'],
  ['four bytes', u32Attribute(8, 300), '080008002c010000'],
  ['four bytes in network order, marked', netU32Attribute(18, 1024), '0800124000000400'],
  ['a text', textAttribute(2, 'foo'), '08000200666f6f00'],
  ['a text of two bytes, padded', textAttribute(2, 'p'), '0600020070000000'],
  ['an IPv4 address', ipAttribute(2, V4), '080002000a000001'],
  ['an IPv6 address', ipAttribute(2, V6), '14000200fd000000000000000000000000000001'],
  ['bytes', bytesAttribute(7, Uint8Array.of(0x11, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)), '0c00070011000000ffffffff'],
  ['an empty nest', nestedAttribute(7, []), '04000780'],
  ['a nest', nestedAttribute(18, [textAttribute(1, 'dummy')]), '100012800a00010064756d6d79000000'],
];

describe('netlink attributes', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  for (const [what, attribute, hex] of TABLE) {
    it(`encodes ${what}`, () => {
      const bytes = encodeAttributes([attribute]);
      assert.equal(Buffer.from(bytes).toString('hex'), hex);
      assert.equal(attributesSize([attribute]), bytes.length);
    });
  }

  it('decodes what it encodes, one after the other', () => {
    const decoded = decodeAttributes(encodeAttributes(TABLE.map(([, attribute]) => attribute)));
    assert.equal(decoded.length, TABLE.length);
    for (const [i, [what, { type, flags, value }]] of TABLE.entries()) {
      const bytes = value instanceof Uint8Array ? value : encodeAttributes(value);
      assert.deepEqual(
        { ...decoded[i], value: [...(decoded[i]?.value ?? [])] },
        { type, flags, value: [...bytes] },
        what,
      );
    }
  });

  const MALFORMED: readonly (readonly [what: string, hex: string, message: RegExp])[] = [
    ['a header that is cut', '0500', /at byte 0 of 2/],
    ['a length shorter than the header', '0300010000000000', /says that it has 3 bytes/],
    ['a length of nothing', '0000000000000000', /says that it has 0 bytes/],
    ['a length beyond the end', '0900010007000000', /says that it has 9 bytes/],
    ['the second one cut', '05000100070000000800', /at byte 8 of 10/],
  ];
  for (const [what, hex, message] of MALFORMED) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => decodeAttributes(Buffer.from(hex, 'hex')),
        (error) => error instanceof MalformedNetlink && message.test(error.message),
      );
    });
  }

  it('takes a last one without its padding', () => {
    assert.equal(decodeAttributes(Buffer.from('0500010007', 'hex'))[0]?.value[0], 7);
  });

  it('refuses to encode more than a length can say', () => {
    const most = bytesAttribute(1, new Uint8Array(MAX_ATTRIBUTE_VALUE));
    assert.equal(encodeAttributes([most]).length, 0x10000);
    assert.throws(() => encodeAttributes([bytesAttribute(1, new Uint8Array(MAX_ATTRIBUTE_VALUE + 1))]), RangeError);
    assert.throws(() => encodeAttributes([nestedAttribute(1, [most])]), RangeError);
  });
});
