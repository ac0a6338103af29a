import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseRule } from '../../src/core/parse/iptables-save/parse-rule.ts';
import { printRule } from '../../src/core/ruleset/print-rule.ts';
import { holds } from '../support/law.ts';
import { ruleTexts, type RuleKind } from '../support/rule-texts.ts';

const KINDS: readonly RuleKind[] = (['ipv4', 'ipv6'] as const).flatMap((family) => [
  { family, table: 'filter', hook: 'FORWARD' },
  { family, table: 'nat', hook: 'PREROUTING' },
  { family, table: 'nat', hook: 'POSTROUTING' },
]);

describe('a rule that iptables takes', () => {
  for (const kind of KINDS) {
    it(`is read whole, and means the same printed: ${kind.family} ${kind.table} ${kind.hook}`, function () {
      this.timeout(60_000);
      const law = fc.property(ruleTexts(kind), (line) => {
        const { rule, problems } = parseRule(line, kind.family);
        assert.deepEqual(problems, []);
        const opaque = [...rule.matches, rule.target].filter((part) => part.kind === 'opaque');
        assert.deepEqual(opaque, []);
        const printed = printRule(rule);
        const again = parseRule(printed, kind.family);
        assert.deepEqual({ ...again.rule, text: '' }, { ...rule, text: '' });
        assert.deepEqual(again.problems, []);
        assert.equal(printRule(again.rule), printed);
        assert.equal(canonicalRule(line, kind.family), canonicalRule(printed, kind.family));
      });
      holds(law, { runs: 2000 });
    });
  }
});
