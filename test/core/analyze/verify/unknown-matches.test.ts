// Rules of which nobody can say whether they match, many in a row: each doubles the ways of a packet.
import assert from 'node:assert/strict';
import { compareRulesets } from '../../../../src/core/analyze/verify/compare-rulesets.ts';
import type { VerifyResult } from '../../../../src/core/analyze/verify/difference.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { verifyText, webRules } from '../../../support/verify.ts';

const RIGHT = webRules();

/** The right rules, with these at the beginning of nat. */
function withNat(rules: readonly string[]): string {
  const chains = new Set(rules.map((rule) => rule.split(' ')[1] ?? ''));
  const declared = [...chains].filter((chain) => chain !== 'OUTPUT').map((chain) => `:${chain} - [0:0]`);
  const [before = '', nat = ''] = RIGHT.text.split('*nat\n');
  const [head = '', ...rest] = nat.split(/^(?=-A )/m);
  return `${before}*nat\n${head}${[...declared, ...rules].join('\n')}\n${rest.join('')}`;
}

function verified(rules: readonly string[]): VerifyResult {
  return verifyText(withNat(rules), RIGHT.meaning);
}

function times(count: number, rulesOf: (i: number) => readonly string[]): readonly string[] {
  return Array.from({ length: count }, (_, i) => rulesOf(i)).flat();
}

const owner = (i: number): string => `-m owner --uid-owner ${i}`;

describe('many rules of which nobody can say whether they match', function () {
  this.timeout(60_000);

  for (const count of [40, 400]) {
    it(`are no obstacle where they do not matter: ${count} in one chain`, () => {
      const rules = ['-A OUTPUT -j MESH', ...times(count, (i) => [`-A MESH ${owner(i)} -j RETURN`])];
      assert.equal(verified(rules).verdict, 'proved');
    });

    it(`are no obstacle where they do not matter: ${count} chains, each of which leads twice to the next`, () => {
      const rules = [
        '-A OUTPUT -j M0',
        ...times(count, (i) => [`-A M${i} ${owner(i)} -j M${i + 1}`, `-A M${i} -j M${i + 1}`]),
        `-A M${count} -m owner --uid-owner root -j RETURN`,
      ];
      assert.equal(verified(rules).verdict, 'proved');
    });

    it(`are named where they matter: ${count} in one chain`, () => {
      const rules = [
        '-A OUTPUT -j MESH',
        ...times(count, (i) => [`-A MESH ${owner(i)} -j RETURN`]),
        '-A MESH -j ACCEPT',
      ];
      named(verified(rules), count);
    });

    it(`are named where they matter: ${count} in a built-in chain`, () => {
      named(verified(times(count, (i) => [`-A OUTPUT ${owner(i)} -j RETURN`])), count);
    });

    it(`are named where they matter: ${count} chains, one leading to the next`, () => {
      const rules = [
        '-A OUTPUT -j M0',
        ...times(count, (i) => [`-A M${i} ${owner(i)} -j RETURN`, `-A M${i} -j M${i + 1}`]),
        `-A M${count} -j ACCEPT`,
      ];
      named(verified(rules), count);
    });

    it(`are named where they matter: ${count} chains, each of which leads twice to the next`, () => {
      const rules = [
        '-A OUTPUT -j M0',
        ...times(count, (i) => [`-A M${i} ${owner(i)} -j M${i + 1}`, `-A M${i} -j M${i + 1}`]),
        `-A M${count} -m owner --uid-owner root -j ACCEPT`,
      ];
      const { verdict, undecided } = verified(rules);
      assert.equal(verdict, 'undecided');
      assert.deepEqual(
        undecided.map(({ rule }) => rule?.text),
        [`-A M${count} -m owner --uid-owner root -j ACCEPT`],
      );
    });

    it(`are too many where each sets another bit of the mark, and some are named: ${count}`, () => {
      const rules = times(count, (i) => [
        `-A OUTPUT ${owner(i)} -j MARK --set-xmark 0x${(2 ** (i % 13)).toString(16)}/0x0`,
      ]);
      const { verdict, differences, undecided } = verified(rules);
      assert.equal(verdict, 'undecided');
      assert.deepEqual(differences, []);
      assert.deepEqual(
        undecided.map(({ rule }) => rule?.text),
        rules.slice(0, 9),
      );
      for (const { reason, others } of undecided) {
        assert.match(reason, /^too many combinations of rules: more than 256 ways to a rule$/);
        assert.equal(others, true);
      }
      assert.deepEqual(undecided[0]?.services, ['default/web']);
    });

    it(`are compared as well: ${count}`, () => {
      const rules = times(count, (i) => [`-A OUTPUT ${owner(i)} -j RETURN`]);
      const read = (text: string) => parseIptablesSave(text).ruleset;
      const before = read(RIGHT?.text ?? '');
      const { verdict, undecided } = compareRulesets(before, read(withNat(rules)));
      assert.equal(verdict, 'undecided');
      assert.deepEqual(
        undecided.map(({ rule }) => rule?.text),
        rules,
      );
      const marks = times(count, (i) => [
        `-A OUTPUT ${owner(i)} -j MARK --set-xmark 0x${(2 ** (i % 13)).toString(16)}/0x0`,
      ]);
      const marked = compareRulesets(before, read(withNat(marks)));
      assert.equal(marked.verdict, 'undecided');
      assert.deepEqual(
        marked.undecided.map(({ rule }) => rule?.text),
        marks.slice(0, 9),
      );
    });
  }

  it('are followed where each sets one of eight bits of the mark', () => {
    const rules = times(8, (i) => [`-A OUTPUT ${owner(i)} -j MARK --set-xmark 0x${(2 ** i).toString(16)}/0x0`]);
    assert.equal(verified(rules).verdict, 'proved');
  }).timeout(60_000);
});

function named({ verdict, differences, undecided }: VerifyResult, count: number): void {
  assert.equal(verdict, 'undecided');
  assert.deepEqual(differences, []);
  assert.equal(undecided.length, count);
  for (const { rule, reason } of undecided) {
    assert.match(rule?.text ?? '', /-m owner --uid-owner \d+ -j RETURN$/);
    assert.match(reason, /^whether it matches cannot be said: -m owner --uid-owner \d+$/);
  }
}
