import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseRule } from '../../src/core/parse/iptables-save/parse-rule.ts';
import { SaveReader } from '../../src/core/parse/iptables-save/save-reader.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { printDump } from '../../src/core/ruleset/print-dump.ts';
import { printRule } from '../../src/core/ruleset/print-rule.ts';
import { lineOf } from '../../src/core/ruleset/saved-rules.ts';
import { anyDump, anyRule, damagedDump } from '../support/hostile-dumps.ts';
import { holds } from '../support/law.ts';

function linesOf(rules: string): readonly string[] {
  assert.ok(rules === '' || rules.endsWith('\n'));
  return rules.split('\n').slice(0, -1);
}

/** Whatever the text: it can be read, comes back byte for byte, and each rule is where the reader says. */
function checkDump(text: string): void {
  const { saved } = splitSave(text);
  const { ruleset, diagnostics } = parseIptablesSave(text);
  assert.equal(printDump(ruleset), text);
  const lines = text.split('\n');
  for (const { name, chains } of saved.tables) {
    const typed = ruleset.tables.find((table) => table.name === name)?.chains;
    for (const chain of chains.values()) {
      const rules = linesOf(chain.rules);
      assert.ok(chain.ruleCounters === undefined || chain.ruleCounters.length === rules.length);
      assert.equal(typed?.get(chain.name)?.rules.length, rules.length);
      for (const [i, rule] of rules.entries()) {
        assert.ok(/^-A[ \t]/.test(rule), rule);
        assert.ok(lines[(lineOf(chain, i) ?? 0) - 1]?.includes(rule), rule);
      }
    }
  }
  for (const { location } of diagnostics) {
    assert.ok(location !== undefined && (location.line === undefined || location.line <= lines.length));
  }
}

describe('the reader of dumps takes every text', () => {
  it('a dump with damages', function () {
    this.timeout(120_000);
    holds(fc.property(damagedDump, checkDump), { runs: 25_000 });
  });

  it('lines of all kinds', function () {
    this.timeout(120_000);
    holds(fc.property(anyDump, checkDump), { runs: 25_000 });
  });

  it('random text', function () {
    this.timeout(120_000);
    holds(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), checkDump), { runs: 10_000 });
  });
});

describe('the reader of dumps takes a text in pieces', () => {
  it('as it takes it whole', function () {
    this.timeout(120_000);
    const cuts = fc.array(fc.nat({ max: 2000 }), { maxLength: 6 });
    const law = fc.property(fc.oneof(damagedDump, anyDump), cuts, (text, at) => {
      const reader = new SaveReader('<stdin>');
      const sorted = [0, ...at.map((n) => n % (text.length + 1)).sort((a, b) => a - b), text.length];
      for (const [i, from] of sorted.entries()) reader.push(text.slice(from, sorted[i + 1]));
      assert.deepEqual(reader.finish(), splitSave(text));
    });
    holds(law, { runs: 10_000 });
  });
});

describe('the reader of rules takes every line', () => {
  it('and its canonical text is its own canonical text', function () {
    this.timeout(120_000);
    const law = fc.property(anyRule, fc.constantFrom('ipv4' as const, 'ipv6' as const), (line, family) => {
      const { rule, problems } = parseRule(line, family);
      const printed = printRule(rule);
      const again = parseRule(printed, family);
      if (problems.length === 0) {
        assert.deepEqual({ ...again.rule, text: '' }, { ...rule, text: '' });
        assert.deepEqual(again.problems, []);
      }
      assert.equal(rule.text, line);
      for (const { column } of problems) assert.ok(column >= 1 && column <= line.length + 1);
      assert.equal(printRule(again.rule), printed);
      const canonical = canonicalRule(line, family);
      assert.equal(canonicalRule(canonical, family), canonical);
    });
    holds(law, { runs: 40_000 });
  });
});
