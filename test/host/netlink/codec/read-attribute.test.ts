import assert from 'node:assert/strict';
import type { Attribute } from '../../../../src/host/netlink/codec/attribute.ts';
import { MalformedNetlink } from '../../../../src/host/netlink/codec/malformed.ts';
import {
  findAttribute,
  readIpAttribute,
  readNestedAttribute,
  readTextAttribute,
  readU16Attribute,
  readU32Attribute,
  readU8Attribute,
  required,
} from '../../../../src/host/netlink/codec/read-attribute.ts';

const NET = 0x4000;

function attribute(type: number, bytes: readonly number[], flags = 0): Attribute {
  return { type, flags, value: Uint8Array.from(bytes) };
}

describe('values of netlink attributes', () => {
  it('are in network order if they are marked so, or if the family says so', () => {
    const attributes = [attribute(1, [1, 2], NET), attribute(2, [1, 2]), attribute(3, [1, 2, 3, 4], NET)];
    const native = new Uint16Array(Uint8Array.of(1, 2).buffer)[0];
    assert.equal(readU16Attribute(attributes, 1), 0x0102);
    assert.equal(readU16Attribute(attributes, 2), native);
    assert.equal(readU16Attribute(attributes, 2, 'big'), 0x0102);
    assert.equal(readU32Attribute(attributes, 3), 0x01020304);
    assert.equal(readU32Attribute(attributes, 3, 'little'), 0x04030201);
  });

  it('are undefined where there is none of that type', () => {
    const none = [attribute(9, [1])];
    for (const read of [readU8Attribute, readU16Attribute, readU32Attribute, readTextAttribute, readNestedAttribute]) {
      assert.equal(read(none, 1), undefined);
    }
    assert.equal(readIpAttribute(none, 1, 'ipv4'), undefined);
    assert.throws(() => required(undefined, 'name'), MalformedNetlink);
  });

  it('are those of the last one of a type', () => {
    const attributes = [attribute(1, [1]), attribute(1, [2])];
    assert.equal(readU8Attribute(attributes, 1), 2);
    assert.equal(findAttribute(attributes, 1), attributes[1]);
  });

  it('are refused where they are too short', () => {
    const short = [attribute(1, []), attribute(2, [1]), attribute(3, [1, 2, 3])];
    assert.throws(() => readU8Attribute(short, 1), MalformedNetlink);
    assert.throws(() => readU16Attribute(short, 2), MalformedNetlink);
    assert.throws(() => readU32Attribute(short, 3), MalformedNetlink);
    assert.throws(() => readIpAttribute(short, 3, 'ipv4'), MalformedNetlink);
    assert.throws(() => readIpAttribute([attribute(1, [1, 2, 3, 4])], 1, 'ipv6'), MalformedNetlink);
    assert.throws(() => readNestedAttribute(short, 3), MalformedNetlink);
  });

  it('are taken from the front of longer ones, as IPVS has them', () => {
    const union = [attribute(1, [10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])];
    assert.equal(readIpAttribute(union, 1, 'ipv4')?.text, '10.0.0.1');
  });

  it('are texts up to the first NUL byte, whatever the bytes', () => {
    assert.equal(readTextAttribute([attribute(1, [0x66, 0x6f, 0, 0x6f])], 1), 'fo');
    assert.equal(readTextAttribute([attribute(1, [0x66, 0x6f])], 1), 'fo');
    assert.equal(readTextAttribute([attribute(1, [])], 1), '');
    assert.equal(readTextAttribute([attribute(1, [0xff, 0])], 1), '\ufffd');
  });
});
