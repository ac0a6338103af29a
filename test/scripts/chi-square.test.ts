import assert from 'node:assert/strict';
import { chiSquareTail, testUniformity } from '../../scripts/lab/chi-square.ts';

/** NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4: upper-tail critical values, df -> [0.10, 0.05, 0.01, 0.001]. */
const CRITICAL: readonly (readonly [number, readonly [number, number, number, number]])[] = [
  [1, [2.706, 3.841, 6.635, 10.828]],
  [2, [4.605, 5.991, 9.21, 13.816]],
  [3, [6.251, 7.815, 11.345, 16.266]],
  [4, [7.779, 9.488, 13.277, 18.467]],
  [9, [14.684, 16.919, 21.666, 27.877]],
  [30, [40.256, 43.773, 50.892, 59.703]],
  [100, [118.498, 124.342, 135.807, 149.449]],
];

describe('chiSquareTail', () => {
  for (const [df, values] of CRITICAL) {
    it(`agrees with the printed table for ${df} degrees of freedom`, () => {
      for (const [index, tail] of [0.1, 0.05, 0.01, 0.001].entries()) {
        // The table has three decimals: that much the tail may be off.
        const slack = tail * 0.001;
        assert.ok(Math.abs(chiSquareTail(values[index] ?? NaN, df) - tail) < slack, `df ${df}, tail ${tail}`);
      }
    });
  }

  it('is exactly exp(-x/2) for two degrees of freedom, on both sides of where the method changes', () => {
    for (const x of [0.01, 1, 3.9, 4.1, 30, 200]) {
      const exact = Math.exp(-x / 2);
      assert.ok(Math.abs(chiSquareTail(x, 2) / exact - 1) < 1e-12, String(x));
    }
  });

  it('is one where there is nothing to explain', () => {
    assert.equal(chiSquareTail(0, 5), 1);
  });
});

describe('testUniformity', () => {
  it('accepts what chance does', () => {
    const test = testUniformity([991, 1051, 958]);
    assert.equal(test.degreesOfFreedom, 2);
    assert.ok(Math.abs(test.statistic - 4.446) < 1e-9);
    assert.ok(test.pValue > 0.1);
  });

  it('refuses a biased choice', () => {
    assert.ok(testUniformity([150, 90, 60]).pValue < 1e-6);
    assert.ok(testUniformity([300, 0, 0]).pValue < 1e-100);
  });
});
