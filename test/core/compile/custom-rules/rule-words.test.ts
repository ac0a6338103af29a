import { strict as assert } from 'node:assert';
import { lineProblem, ruleWords } from '../../../../src/core/compile/custom-rules/rule-words.ts';

describe('ruleWords', () => {
  const read: Readonly<Record<string, readonly string[]>> = {
    '-A X  -j\tY ': ['-A', 'X', '-j', 'Y'],
    '--comment "a b" -j Y': ['--comment', 'a b', '-j', 'Y'],
    '--comment "" -j Y': ['--comment', '', '-j', 'Y'],
    'a"b c"d e': ['ab c', 'd', 'e'],
    '"a\\"b" c': ['a"b', 'c'],
    '"a\\\\" c': ['a\\', 'c'],
    'a\\ b': ['a\\', 'b'],
    "'a b'": ["'a", "b'"],
  };
  for (const [line, words] of Object.entries(read)) {
    it(`reads ${line} as iptables-restore 1.8.9 does`, () => assert.deepEqual(ruleWords(line), { words }));
  }

  it('refuses what does not end or does not fit', () => {
    assert.deepEqual(ruleWords('--comment "a'), { problem: 'a quote that is not closed' });
    assert.deepEqual(ruleWords('--comment "a\\"'), { problem: 'a quote that is not closed' });
    assert.ok('problem' in ruleWords('a '.repeat(251)));
    assert.ok('problem' in ruleWords('a'.repeat(1001)));
    assert.ok('problem' in ruleWords('é'.repeat(501)));
  });
});

describe('lineProblem', () => {
  it('refuses control characters and lines that iptables-restore would break', () => {
    for (const c of ['\r', '\v', '\f', '\0', '\u001b', '\u007f']) assert.ok(lineProblem(`# a${c}b`) !== undefined);
    assert.ok(lineProblem(`# ${'a'.repeat(10_000)}`) !== undefined);
    assert.ok(lineProblem(`# ${'é'.repeat(5000)}`) !== undefined);
    assert.equal(lineProblem(`# é\t${'a'.repeat(9000)}`), undefined);
  });
});
