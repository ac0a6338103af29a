import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { lint } from '../../../../src/core/analyze/lint/lint.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';

const NODE = readFileSync('examples/demo/broken-node.txt', 'utf8');

function errors(text: string): readonly string[] {
  const { ruleset, diagnostics } = parseIptablesSave(text);
  const findings = lint({ dumps: [{ file: 'dump.txt', ruleset, diagnostics }] });
  return findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

function tableOf(name: string): string {
  return new RegExp(`^\\*${name}$[^]*?^COMMIT\\n`, 'mu').exec(NODE)?.[0] ?? assert.fail();
}

describe('conclusions from what is not there', () => {
  it('are drawn in the whole tables of a dump that is damaged elsewhere', () => {
    assert.deepEqual(errors(NODE), ['hairpin-rule-missing']);
    assert.deepEqual(errors(NODE.replace('COMMIT', '-A FOO -j RETURN\nCOMMIT')), ['hairpin-rule-missing']);
    const cut = tableOf('nat') + tableOf('filter').split('\n').slice(0, 12).join('\n');
    assert.deepEqual(errors(cut), ['hairpin-rule-missing']);
  });

  it('are not drawn in a table that is damaged itself', () => {
    const nat = tableOf('nat');
    for (const damaged of [nat.replace('COMMIT\n', ''), nat.replace('COMMIT', '...\nCOMMIT')])
      assert.deepEqual(errors(NODE.replace(nat, damaged)), []);
  });
});
