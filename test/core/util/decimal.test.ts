import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { formatFixed } from '../../../src/core/util/decimal.ts';

describe('formatFixed', () => {
  // Printed by C's printf("%.*f").
  const known: readonly (readonly [value: number, digits: number, text: string])[] = [
    [0, 10, '0.0000000000'],
    [1, 3, '1.000'],
    [0.5, 10, '0.5000000000'],
    [1 / 3, 10, '0.3333333333'],
    [2 / 3, 10, '0.6666666667'],
    [1 / 2048, 10, '0.0004882812'],
    [3 / 2048, 10, '0.0014648438'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [123.456, 2, '123.46'],
    [0.999, 2, '1.00'],
  ];
  for (const [value, digits, text] of known) {
    it(`${value} with ${digits} digits is ${text}`, () => assert.equal(formatFixed(value, digits), text));
  }

  it('differs from toFixed only where the value is exactly between two texts', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(value, (v) => {
        // A product by a power of ten that is odd in halves is a tie; no random double with many digits is one.
        const tie = (v * 2 ** 40) % 1 === 0;
        return tie || formatFixed(v, 10) === v.toFixed(10);
      }),
    );
  });
});
