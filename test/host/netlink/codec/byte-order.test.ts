import assert from 'node:assert/strict';
import {
  readI32,
  readU16,
  readU32,
  readU64,
  writeU16,
  writeU32,
  type ByteOrder,
} from '../../../../src/host/netlink/codec/byte-order.ts';

const BYTES = Uint8Array.of(0xff, 0x01, 0x02, 0x83, 0x84, 0x05, 0x06, 0x07, 0x88);

const EXPECTED: { readonly [order in ByteOrder]: readonly [number, number, number, bigint] } = {
  big: [0x0102, 0x01028384, 0x01028384, 0x0102838405060788n],
  little: [0x0201, 0x84830201, 0x84830201 - 2 ** 32, 0x8807060584830201n],
};

describe('byte order', () => {
  for (const order of ['big', 'little'] as const) {
    it(`reads numbers, ${order}-endian`, () => {
      const [u16, u32, i32, u64] = EXPECTED[order];
      assert.equal(readU16(BYTES, 1, order), u16);
      assert.equal(readU32(BYTES, 1, order), u32);
      assert.equal(readI32(BYTES, 1, order), i32);
      assert.equal(readU64(BYTES, 1, order), u64);
    });

    it(`writes numbers, ${order}-endian`, () => {
      const [u16, u32, i32] = EXPECTED[order];
      const bytes = new Uint8Array(12);
      writeU16(bytes, 0, u16, order);
      writeU32(bytes, 2, u32, order);
      writeU32(bytes, 6, i32, order);
      assert.deepEqual([...bytes], [1, 2, 1, 2, 0x83, 0x84, 1, 2, 0x83, 0x84, 0, 0]);
    });
  }

  it('knows the order of this machine', () => {
    const native = new Uint8Array(Uint32Array.of(0x01020304).buffer);
    assert.equal(readU32(native, 0), 0x01020304);
  });
});
