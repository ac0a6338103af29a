import { strict as assert } from 'node:assert';
import { compareBy, compareStrings, sortedBy } from '../../../src/core/util/order.ts';

describe('order', () => {
  it('compares by code unit, never by locale', () => {
    assert.deepEqual(['b', 'B', 'a', 'ä', 'Z', '10', '9', ''].sort(compareStrings), [
      '',
      '10',
      '9',
      'B',
      'Z',
      'a',
      'b',
      'ä',
    ]);
    assert.equal(compareStrings('a', 'a'), 0);
  });

  it('lets the first key that differs decide, numbers as numbers', () => {
    const items = [
      { n: 10, s: 'a' },
      { n: 9, s: 'b' },
      { n: 9, s: 'a' },
    ];
    const sorted = sortedBy(
      items,
      (i) => i.n,
      (i) => i.s,
    );
    assert.deepEqual(sorted, [items[2], items[1], items[0]]);
    assert.deepEqual(items[0], { n: 10, s: 'a' }, 'the input is changed');
    assert.equal(compareBy<{ n: number }>((i) => i.n)({ n: 1 }, { n: 1 }), 0);
  });
});
