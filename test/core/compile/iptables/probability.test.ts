import { strict as assert } from 'node:assert';
import { probabilityText, probabilityThreshold } from '../../../../src/core/compile/iptables/probability.ts';

describe('probability', () => {
  /** 1/5 to 1/1000 as a kernel printed them back; the rest by printf's %.10f and %.11f. */
  const known: readonly (readonly [n: number, threshold: number, text: string])[] = [
    [1, 2_147_483_648, '1.00000000000'],
    [2, 1_073_741_824, '0.50000000000'],
    [3, 715_827_883, '0.33333333349'],
    [4, 536_870_912, '0.25000000000'],
    [5, 429_496_730, '0.20000000019'],
    [6, 357_913_941, '0.16666666651'],
    [7, 306_783_378, '0.14285714272'],
    [10, 214_748_365, '0.10000000009'],
    [33, 65_075_262, '0.03030303027'],
    // Ten decimals first, then the kernel's unit: without that step these three would be one unit more.
    [44, 48_806_446, '0.02272727247'],
    [51, 42_107_522, '0.01960784290'],
    [71, 30_246_248, '0.01408450678'],
    [100, 21_474_836, '0.00999999978'],
    [1000, 2_147_484, '0.00100000016'],
    [2048, 1_048_576, '0.00048828125'],
    [4096, 524_288, '0.00024414062'],
    [5000, 429_497, '0.00020000013'],
    [10_240, 209_715, '0.00009765616'],
    [100_223, 21_427, '0.00000997772'],
  ];
  for (const [n, threshold, text] of known) {
    it(`1/${n} is ${text}`, () => {
      assert.equal(probabilityThreshold(n), threshold);
      assert.equal(probabilityText(n), text);
    });
  }

  it('is read back by iptables as the same threshold, for every number of endpoints to 20000', () => {
    const wrong = Array.from({ length: 20_000 }, (_, i) => i + 1).filter(
      (n) => Math.round(Number(probabilityText(n)) * 2 ** 31) !== probabilityThreshold(n),
    );
    assert.deepEqual(wrong, []);
  });
});
