import assert from 'node:assert/strict';
import { addUpToOne, isExpectedShare, readShare } from '../../../../src/core/analyze/flows/expected-share.ts';
import { ALL, multiplyShares, oneOutOf, restOf, shareOfThreshold } from '../../../../src/core/analyze/trace/share.ts';

/** xt_statistic's threshold for a probability. */
const third = shareOfThreshold(Math.round(2 ** 31 / 3));
const half = shareOfThreshold(2 ** 30);

function expected(text: string): NonNullable<ReturnType<typeof readShare>> {
  const share = readShare(text);
  assert.ok(share !== undefined, text);
  return share;
}

describe('shares of flows', () => {
  it('are read as people write them', () => {
    for (const text of ['1/3', '0.25', '.5', '25%', '33.3 %', '1', '100%', '1.0', '2/6']) expected(text);
    assert.ok(readShare(0.5) !== undefined);
    for (const wrong of [
      '',
      '.',
      '%',
      '0',
      '0/3',
      '1/0',
      '4/3',
      '1.5',
      '101%',
      '-1/3',
      'half',
      '1/3/5',
      0,
      2,
      null,
      [],
      true,
    ]) {
      assert.equal(readShare(wrong), undefined, String(wrong));
    }
    assert.equal(readShare(`0.${'3'.repeat(40)}`), undefined);
  });

  it('are compared as exactly as the kernel can choose', () => {
    assert.ok(isExpectedShare(third, expected('1/3'), 3));
    assert.ok(!isExpectedShare(third, expected('0.34'), 3));
    assert.ok(isExpectedShare(multiplyShares(restOf(third), half), expected('1/3'), 3));
    assert.ok(!isExpectedShare(shareOfThreshold(Math.round(2 ** 31 / 3) + 7), expected('1/3'), 3));
    assert.ok(!isExpectedShare(half, expected('1/3'), 2));
    assert.ok(isExpectedShare(ALL, expected('1'), 1));
    assert.ok(isExpectedShare(oneOutOf(7), expected('1/7'), 7));
  });

  it('that are rounded mean half a unit of their last digit more or less, and never more than 0.05 %', () => {
    for (const text of ['33.3 %', '0.333', '33.33 %', '0.3333'])
      assert.ok(isExpectedShare(third, expected(text), 3), text);
    for (const text of ['33.4 %', '33 %', '34 %', '0.33', '0.3', '0.334', '33.30 %']) {
      assert.ok(!isExpectedShare(third, expected(text), 3), text);
    }
    assert.ok(isExpectedShare(half, expected('0.5'), 2));
    assert.ok(!isExpectedShare(shareOfThreshold(2 ** 30 + 2 ** 21), expected('0.5'), 2));
    assert.ok(!isExpectedShare(half, expected('1'), 2));
    assert.ok(!isExpectedShare(half, expected('100 %'), 2));
  });

  it('add up to 1 as far as they were written', () => {
    const sums = (...texts: readonly string[]): boolean => addUpToOne(texts.map(expected));
    assert.ok(sums('1/3', '1/3', '1/3'));
    assert.ok(sums('33.3%', '33.3%', '33.3%'));
    assert.ok(sums('1/3', '0.667'));
    assert.ok(!sums('1/3', '0.67'));
    assert.ok(sums('1'));
    assert.ok(!sums('1/3', '1/3'));
    assert.ok(!sums('30%', '30%', '30%'));
    assert.ok(!sums('0.5', '0.6'));
  });
});
