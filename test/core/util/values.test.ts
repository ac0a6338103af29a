import { strict as assert } from 'node:assert';
import { assertNever, invariant, InvariantError } from '../../../src/core/util/assert.ts';
import { describeValue, fieldOf, isMapping } from '../../../src/core/util/mapping.ts';

describe('describeValue', () => {
  const cases: readonly (readonly [value: unknown, text: string])[] = [
    [undefined, 'nothing'],
    [null, 'nothing'],
    ['web', '"web"'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [80, '80'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    [[1], 'a list'],
    [{}, 'a mapping'],
    [1n, 'a bigint'],
    [() => 0, 'a function'],
  ];
  for (const [value, text] of cases) it(text, () => assert.equal(describeValue(value), text));
});

describe('isMapping', () => {
  it('is true of plain objects only', () => {
    assert.deepEqual([{}, Object.create(null), [], null, undefined, 'a', 1].map(isMapping), [
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('fieldOf', () => {
  it('reads own fields of mappings only', () => {
    assert.equal(fieldOf({ a: 1 }, 'a'), 1);
    assert.equal(fieldOf({}, 'toString'), undefined);
    assert.equal(fieldOf([1], '0'), undefined);
    assert.equal(fieldOf(null, 'a'), undefined);
  });
});

describe('invariants', () => {
  it('throw an error of their own kind', () => {
    assert.throws(() => invariant(false, 'broken'), new InvariantError('broken'));
    assert.doesNotThrow(() => invariant(true, 'fine'));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a value that types rule out
    assert.throws(() => assertNever('x' as never, 'kind'), new InvariantError('unexpected kind: "x"'));
  });
});
