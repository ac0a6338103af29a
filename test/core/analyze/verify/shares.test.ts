import assert from 'node:assert/strict';
import { SHARE_SLACK_BITS } from '../../../../src/core/analyze/verify/delivery-check.ts';
import { KERNEL_ONE, Shares, WHOLE, type Share } from '../../../../src/core/analyze/verify/shares.ts';
import { probabilityThreshold } from '../../../../src/core/compile/iptables/probability.ts';

/** The shares of n endpoints by kube-proxy's rules. */
function endpointShares(shares: Shares, n: number): readonly Share[] {
  let rest = WHOLE;
  return Array.from({ length: n }, (_, i) => {
    if (i === n - 1) return rest;
    const threshold = probabilityThreshold(n - i);
    const taken = shares.times(rest, threshold);
    rest = shares.times(rest, KERNEL_ONE - threshold);
    return taken;
  });
}

describe('shares', () => {
  it('are exact, and equal products are one', () => {
    const shares = new Shares();
    const half = shares.times(WHOLE, KERNEL_ONE / 2);
    assert.equal(shares.times(WHOLE, KERNEL_ONE / 2), half);
    assert.equal(shares.times(half, KERNEL_ONE), half);
    assert.deepEqual(shares.exactly(shares.times(half, 1)), { units: BigInt(KERNEL_ONE / 2), bits: 62 });
    assert.equal(shares.approximately(half), 0.5);
  });

  it('add up again to what was split', () => {
    const shares = new Shares();
    const [taken, left] = [shares.times(WHOLE, 1234), shares.times(WHOLE, KERNEL_ONE - 1234)];
    assert.equal(shares.plus(taken, left), WHOLE);
    const both = shares.plus(shares.times(taken, 7), shares.times(left, 9));
    assert.deepEqual(shares.exactly(both), { units: 1234n * 7n + BigInt(KERNEL_ONE - 1234) * 9n, bits: 62 });
    assert.deepEqual(shares.exactly(shares.product(taken, left)), {
      units: 1234n * BigInt(KERNEL_ONE - 1234),
      bits: 62,
    });
  });

  it('are the whole where they add up to it, in whatever way', () => {
    const shares = new Shares();
    const third = probabilityThreshold(3);
    const [first, rest] = [shares.times(WHOLE, third), shares.times(WHOLE, KERNEL_ONE - third)];
    const [second, last] = [shares.times(rest, 1234), shares.times(rest, KERNEL_ONE - 1234)];
    assert.equal(shares.plus(shares.plus(first, second), last), WHOLE);
    assert.equal(shares.plus(shares.plus(last, first), second), WHOLE);
    assert.notEqual(shares.plus(shares.plus(first, second), shares.times(rest, KERNEL_ONE - 1235)), WHOLE);
    const [small, most] = [shares.times(last, 1), shares.times(last, KERNEL_ONE - 1)];
    assert.notEqual(shares.plus(shares.plus(first, second), most), WHOLE);
    assert.equal(shares.plus(shares.plus(shares.plus(first, second), most), small), WHOLE);
  });

  it('of kube-proxy are within the slack for every number of endpoints, and others are not', () => {
    const shares = new Shares();
    for (const n of [...Array.from({ length: 300 }, (_, i) => i + 1), 1000, 1119, 2500]) {
      for (const [i, share] of endpointShares(shares, n).entries()) {
        assert.ok(shares.isWithin(share, 1, n, SHARE_SLACK_BITS), `endpoint ${i} of ${n}`);
      }
    }
    // Five decimals, as kube-proxy wrote before 1.19.
    const five = shares.times(WHOLE, Math.round(0.33333 * KERNEL_ONE));
    assert.ok(!shares.isWithin(five, 1, 3, SHARE_SLACK_BITS));
    const twoUnits = shares.times(WHOLE, KERNEL_ONE / 2 + 2);
    assert.ok(!shares.isWithin(twoUnits, 1, 2, SHARE_SLACK_BITS));
  });

  it('are compared exactly where the distance is that of a rounding', () => {
    const shares = new Shares();
    const oneUnit = shares.times(WHOLE, KERNEL_ONE / 2 + 1);
    assert.ok(shares.isWithin(oneUnit, 1, 2, 31));
    assert.ok(!shares.isWithin(shares.times(WHOLE, KERNEL_ONE / 2 + 2), 1, 2, 31));
    assert.ok(shares.areWithin(oneUnit, shares.times(WHOLE, KERNEL_ONE / 2), 31));
    assert.ok(!shares.areWithin(oneUnit, shares.times(WHOLE, KERNEL_ONE / 2 - 1), 31));
    const tiny = shares.times(shares.times(WHOLE, 1), 1);
    assert.ok(shares.isWithin(tiny, 0, 1, 62));
    assert.ok(!shares.isWithin(tiny, 0, 1, 63));
  });

  it('of 5000 endpoints add up to exactly 1', () => {
    const shares = new Shares();
    let units = 0n;
    const all = endpointShares(shares, 5000).map((share) => shares.exactly(share));
    const bits = Math.max(...all.map((share) => share.bits));
    for (const share of all) units += share.units << BigInt(bits - share.bits);
    assert.equal(units, 1n << BigInt(bits));
  });
});
