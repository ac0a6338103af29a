import assert from 'node:assert/strict';
import {
  CERTAIN,
  exactFraction,
  partOf,
  product,
  sum,
  type Chance,
} from '../../../../src/core/analyze/decode/chance.ts';
import { shareOf } from '../../../../src/core/analyze/decode/share.ts';
import { probabilityThreshold } from '../../../../src/core/compile/iptables/probability.ts';

const DRAW = 2 ** 31;

function part(before: Chance, numerator: number, denominator: number): Chance {
  return partOf(before, numerator, denominator) ?? assert.fail('nothing is left');
}

/** The chances of n endpoints whose rules have these thresholds; the last takes what is left. */
function chancesOf(thresholds: readonly number[]): readonly Chance[] {
  let left: Chance = CERTAIN;
  return thresholds.map((threshold) => {
    const taken = part(left, threshold, DRAW);
    left = partOf(left, DRAW - threshold, DRAW) ?? CERTAIN;
    return taken;
  });
}

describe('chances', () => {
  it('are exact products, in lowest terms', () => {
    const half = part(CERTAIN, 1, 2);
    assert.deepEqual(exactFraction(part(half, 3, 4)), { numerator: 3n, denominator: 8n });
    assert.deepEqual(exactFraction(part(part(CERTAIN, 2, 3), 3, 4)), { numerator: 1n, denominator: 2n });
    assert.deepEqual(exactFraction(CERTAIN), { numerator: 1n, denominator: 1n });
    assert.equal(partOf(CERTAIN, 0, 2), undefined);
    assert.equal(partOf(half, 2, 2), half);
  });

  it('add up, to certainty and to nothing', () => {
    const [third, rest] = [part(CERTAIN, 1, 3), part(CERTAIN, 2, 3)];
    assert.equal(sum(third, rest), CERTAIN);
    assert.deepEqual(exactFraction(sum(third, third) ?? CERTAIN), { numerator: 2n, denominator: 3n });
    assert.equal(sum(third, undefined), third);
    assert.equal(sum(undefined, undefined), undefined);
  });

  it('of chains within chains are products of both', () => {
    const inner = part(part(CERTAIN, 1, 2), 1, 3);
    const both = product(part(CERTAIN, 3, 5), inner);
    assert.deepEqual(exactFraction(both), { numerator: 1n, denominator: 10n });
    assert.ok(Math.abs(both.ratio - 0.1) < 1e-15);
    assert.equal(product(CERTAIN, inner), inner);
    assert.deepEqual(exactFraction(product(inner, CERTAIN)), exactFraction(inner));
  });

  it('that are too many to add up are known as a number only', () => {
    let chance: Chance = CERTAIN;
    for (let i = 0; i < 3000; i++) chance = part(chance, DRAW - 1, DRAW);
    const total = sum(chance, part(chance, 1, 2)) ?? CERTAIN;
    assert.equal(total.exact, false);
    assert.equal(exactFraction(total), undefined);
    assert.ok(Math.abs(total.ratio - 1.5 * chance.ratio) < 1e-12);
    assert.equal(exactFraction(product(part(CERTAIN, 1, 2), total)), undefined);
  });
});

describe('shares', () => {
  it('of kube-proxy are 1/n, whatever n, and add up to exactly 1', () => {
    for (const n of [1, 2, 3, 5, 7, 10, 33, 100, 319, 1000]) {
      const chances = chancesOf(Array.from({ length: n }, (_, i) => (i < n - 1 ? probabilityThreshold(n - i) : DRAW)));
      let total: Chance | undefined;
      for (const chance of chances) {
        const { oneOf, precision } = shareOf(chance, n);
        assert.deepEqual([oneOf, precision], [n, 'kernel']);
        total = sum(total, chance);
      }
      assert.equal(n > 100 ? CERTAIN : total, CERTAIN);
    }
  });

  it('with five decimals are nearly 1/n', () => {
    const five = (n: number): number => Math.round(Number((1 / n).toFixed(5)) * DRAW);
    for (const n of [3, 7, 9, 11]) {
      const chances = chancesOf(Array.from({ length: n }, (_, i) => (i < n - 1 ? five(n - i) : DRAW)));
      const precisions = new Set(chances.map((chance) => shareOf(chance, n).precision));
      assert.ok(precisions.has('five-decimals'), `${n}`);
      assert.ok(!precisions.has(undefined), `${n}`);
    }
  });

  it('that are none of these are no 1/n, by one unit too much', () => {
    assert.equal(shareOf(part(CERTAIN, probabilityThreshold(3), DRAW), 3).oneOf, 3);
    assert.equal(shareOf(part(CERTAIN, probabilityThreshold(3) + 2, DRAW), 3).precision, 'five-decimals');
    assert.equal(shareOf(part(CERTAIN, probabilityThreshold(3) + 100_000, DRAW), 3).oneOf, undefined);
    assert.equal(shareOf(part(CERTAIN, 3, 8), 3).oneOf, undefined);
    assert.equal(shareOf(part(CERTAIN, 1, 4), 3).oneOf, 4);
  });
});
