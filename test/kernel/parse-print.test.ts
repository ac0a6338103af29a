// Rules in every spelling are loaded by both kinds of iptables, and read back: what iptables-save prints must be our canonical text.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseRule } from '../../src/core/parse/iptables-save/parse-rule.ts';
import { printRule } from '../../src/core/ruleset/print-rule.ts';
import { hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import { restoreRules, saveRules, type Variant } from '../../scripts/lab/iptables.ts';
import { Lab, removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { COUNTER_NAME, ruleTexts, SET_NAME, type RuleKind } from '../support/rule-texts.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-print';
const RULES = 400;
/** The same rules every time. */
const SEED = 20_260_401;

const KINDS: readonly RuleKind[] = (['ipv4', 'ipv6'] as const).flatMap((family) => [
  { family, table: 'filter', hook: 'FORWARD' },
  { family, table: 'nat', hook: 'PREROUTING' },
  { family, table: 'nat', hook: 'POSTROUTING' },
]);

function dumpOf(kind: RuleKind, rules: readonly string[]): string {
  return [
    `*${kind.table}`,
    ':CHECK - [0:0]',
    ':OTHER - [0:0]',
    `-A ${kind.hook} -j CHECK`,
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

/** iptables-save's lines of the chain CHECK. */
async function savedRules(runner: CommandRunner, kind: RuleKind, variant: Variant): Promise<readonly string[]> {
  const text = await saveRules(runner, kind.family, variant);
  const { ruleset } = parseIptablesSave(text);
  const chain = ruleset.tables.find(({ name }) => name === kind.table)?.chains.get('CHECK');
  // 1.8.9 prints two blanks there, other versions one.
  return (chain?.rules ?? []).map(({ rule }) => rule.text.replace('--nfacct-name  ', '--nfacct-name '));
}

describe('rules in every spelling, loaded into the kernel', () => {
  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });

  for (const variant of ['nft', 'legacy'] as const) {
    describe(`by iptables-${variant}`, () => {
      const lab = new Lab(hostRunner, PREFIX);

      before(async () => {
        await lab.addHost(variant);
        await lab.on(variant).run('nfacct', ['add', COUNTER_NAME]);
      });
      after(async () => {
        await lab.remove();
      });

      for (const kind of KINDS) {
        it(`${kind.family} ${kind.table} ${kind.hook}`, async function () {
          this.timeout(60_000);
          const runner = lab.on(variant);
          const inet = kind.family === 'ipv4' ? 'inet' : 'inet6';
          // A set is of one family; no rule of the other table may hold it any more.
          await restoreRules(runner, 'ipv4', variant, '*filter\n-F\nCOMMIT\n*nat\n-F\nCOMMIT\n');
          await restoreRules(runner, 'ipv6', variant, '*filter\n-F\nCOMMIT\n*nat\n-F\nCOMMIT\n');
          await runner.run('ipset', ['-exist', 'create', `${SET_NAME}-${inet}`, 'hash:ip,port', 'family', inet]);
          const rules = fc
            .sample(ruleTexts(kind), { numRuns: RULES, seed: SEED })
            .map((rule) => rule.replace(SET_NAME, `${SET_NAME}-${inet}`));
          await restoreRules(runner, kind.family, variant, dumpOf(kind, rules));
          const expected = rules.map((rule) => printRule(parseRule(rule, kind.family).rule));
          const saved = await savedRules(runner, kind, variant);
          assert.equal(saved.length, expected.length);
          const different = expected.flatMap((rule, i) => (rule === saved[i] ? [] : [{ rule, saved: saved[i] ?? '' }]));
          if (variant === 'legacy') assert.deepEqual(different, []);
          // iptables-nft turns a few conditions around; then the texts by meaning must be the same.
          assert.ok(different.length < RULES / 20, JSON.stringify(different));
          for (const one of different) {
            assert.equal(canonicalRule(one.saved, kind.family), canonicalRule(one.rule, kind.family));
          }
        });
      }
    });
  }
});
