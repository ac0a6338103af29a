import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { base32Sha256, hash48 } from '../../../src/core/util/hash.ts';

/** Base32 the slow way: the digest as a string of bits, five at a time. */
function slowBase32(text: string, length: number): string {
  const bits = [...createHash('sha256').update(text, 'utf8').digest()]
    .map((b) => b.toString(2).padStart(8, '0'))
    .join('');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from({ length }, (_, i) => alphabet[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)]).join('');
}

describe('hash', () => {
  for (const text of ['', 'a', 'ns1/svc1:p80tcp', 'ä', '\u{1F600}', 'x'.repeat(1000)]) {
    it(`base32 of ${JSON.stringify(text.slice(0, 20))}`, () => {
      for (const length of [1, 8, 16, 51]) assert.equal(base32Sha256(text, length), slowBase32(text, length));
    });
  }

  it('makes a number below 2^48 of the first six bytes', () => {
    const expected = createHash('sha256').update('shop/web').digest().readUIntBE(0, 6);
    assert.equal(hash48('shop/web'), expected);
    assert.notEqual(hash48('shop/web'), hash48('shop/wec'));
  });
});
