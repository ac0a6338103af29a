import assert from 'node:assert/strict';
import { applyEdits, editRules } from '../../../src/core/plan/edit-rules.ts';
import { joinLines, ruleLines } from '../../../src/core/plan/rule-lines.ts';

/** Rules in capitals are ours. */
const edits = (from: string, to: string): ReturnType<typeof editRules> =>
  editRules(joinLines(from.split('')), joinLines(to.split('')), (rule) => rule === rule.toUpperCase());

describe('editRules', () => {
  const cases: Readonly<Record<string, readonly [from: string, to: string, words: string]>> = {
    nothing: ['aXb', 'aXb', ''],
    'a rule that is missing': ['ab', 'Xab', '+X1'],
    'a rule at its end': ['ab', 'abX', '+X3'],
    'a rule that goes': ['aXb', 'ab', '-X'],
    'ours moves, however many of others could move instead': ['aX', 'Xa', '-X +X1'],
    'all of ours move': ['aXYZ', 'XYZa', '-X -Y -Z +X1 +Y2 +Z3'],
    'what stays between the same rules stays': ['XaYb', 'XYab', '-Y +Y2'],
    'the second copy goes, so both do': ['XaX', 'Xa', '-X -X +X1'],
    'the first copy goes': ['XaX', 'aX', '-X'],
    'rules of others that are there twice': ['aXa', 'Xaa', '-X +X1'],
  };
  for (const [what, [from, to, words]] of Object.entries(cases)) {
    it(`${what}: ${from} to ${to}`, () => {
      const found = edits(from, to);
      const text = found.map(({ kind, rule, position }) =>
        kind === 'delete' ? `-${rule}` : `+${rule}${position ?? 0}`,
      );
      assert.equal(text.join(' '), words);
      assert.deepEqual(applyEdits(from.split(''), found), to.split(''));
    });
  }

  it('takes time in proportion to the rules of others', () => {
    const others = Array.from({ length: 20_000 }, (_, i) => `o${i}`);
    const start = performance.now();
    const found = editRules(joinLines([...others, 'X']), joinLines(['X', ...others]), (rule) => rule === 'X');
    assert.equal(found.length, 2);
    assert.ok(performance.now() - start < 2000);
    assert.deepEqual(ruleLines(joinLines(['a', 'b'])), ['a', 'b']);
  });
});
