import { strict as assert } from 'node:assert';
import { Fields, Findings } from '../../../../src/core/model/decode/fields.ts';

function read<T>(value: Record<string, unknown>, use: (fields: Fields) => T): { result: T; problems: string[] } {
  const findings = new Findings();
  return {
    result: use(new Fields(value, findings, { parent: new Fields({}, findings), name: 'spec', index: undefined })),
    problems: findings.problems,
  };
}

describe('Fields', () => {
  const fine: Readonly<Record<string, readonly [unknown, (f: Fields) => unknown, unknown]>> = {
    'a string': ['a', (f) => f.string('x'), 'a'],
    'a boolean': [false, (f) => f.boolean('x'), false],
    'an integer at its lower limit': [0, (f) => f.integer('x', 0, 9), 0],
    'an integer at its upper limit': [9, (f) => f.integer('x', 0, 9), 9],
    'one of some texts': ['b', (f) => f.oneOf('x', ['a', 'b']), 'b'],
    'the empty text for none of them': ['', (f) => f.oneOf('x', ['a', 'b']), undefined],
    'a number or a text: a text': ['web', (f) => f.integerOrString('x', 0, 9), 'web'],
    'a number or a text: a number': [7, (f) => f.integerOrString('x', 0, 9), 7],
    'a list of texts': [['a', 'b'], (f) => f.strings('x'), ['a', 'b']],
    'a list of mappings': [[{ y: 'a' }], (f) => f.list('x', (i) => i.string('y')), ['a']],
    'a mapping of texts': [{ a: 'b' }, (f) => [...f.stringMap('x')], [['a', 'b']]],
    'a mapping': [{ y: 'a' }, (f) => f.object('x')?.string('y'), 'a'],
  };
  for (const [what, [value, use, expected]] of Object.entries(fine)) {
    it(`reads ${what}`, () => assert.deepEqual(read({ x: value }, use), { result: expected, problems: [] }));
    it(`takes null and absence for none: ${what}`, () => {
      const { result, problems } = read({ x: null }, use);
      assert.deepEqual(problems, []);
      assert.deepEqual(read({}, use).result, result);
      assert.ok(result === undefined || (Array.isArray(result) && result.length === 0));
    });
  }

  const bad: readonly (readonly [unknown, (f: Fields) => unknown, string])[] = [
    [1, (f) => f.string('x'), 'spec.x must be a string, not 1'],
    ['true', (f) => f.boolean('x'), 'spec.x must be true or false, not "true"'],
    [10, (f) => f.integer('x', 0, 9), 'spec.x must be a whole number from 0 to 9, not 10'],
    [1.5, (f) => f.integer('x', 0, 9), 'spec.x must be a whole number from 0 to 9, not 1.5'],
    [Number.NaN, (f) => f.integer('x', 0, 9), 'spec.x must be a whole number from 0 to 9, not NaN'],
    ['1', (f) => f.integer('x', 0, 9), 'spec.x must be a whole number from 0 to 9, not "1"'],
    ['c', (f) => f.oneOf('x', ['a', 'b']), 'spec.x must be one of a, b, not "c"'],
    [true, (f) => f.integerOrString('x', 0, 9), 'spec.x must be a whole number from 0 to 9, not true'],
    ['a', (f) => f.strings('x'), 'spec.x must be a list, not "a"'],
    [['a', 1], (f) => f.strings('x'), 'spec.x[1] must be a string, not 1'],
    [{}, (f) => f.list('x', () => 1), 'spec.x must be a list, not a mapping'],
    [[[]], (f) => f.list('x', () => 1), 'spec.x[0] must be a mapping, not a list'],
    [[{}, { y: 1 }], (f) => f.list('x', (i) => i.string('y')), 'spec.x[1].y must be a string, not 1'],
    [[], (f) => f.object('x'), 'spec.x must be a mapping, not a list'],
    [[], (f) => f.stringMap('x'), 'spec.x must be a mapping, not a list'],
    [{ a: 1 }, (f) => f.stringMap('x'), 'spec.x["a"] must be a string, not 1'],
    [{ y: { z: 1 } }, (f) => f.object('x')?.object('y')?.string('z'), 'spec.x.y.z must be a string, not 1'],
  ];
  for (const [value, use, problem] of bad) {
    it(problem, () => assert.deepEqual(read({ x: value }, use).problems, [problem]));
  }

  it('never sees what a mapping inherits', () => {
    const inherits: Record<string, unknown> = Object.create({ x: 'inherited' });
    assert.equal(read(inherits, (f) => f.string('x')).result, undefined);
    assert.equal(read({}, (f) => f.has('toString')).result, false);
    assert.equal(read({}, (f) => f.string('constructor')).result, undefined);
  });
});
