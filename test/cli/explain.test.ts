import assert from 'node:assert/strict';
import { lintRules } from '../../src/core/analyze/lint/lint-rules.ts';
import { codes } from '../../src/core/diag/codes.ts';
import { runCli } from './run-cli.ts';

describe('chainsmith explain', () => {
  it('lists every code', () => {
    const { status, out, err } = runCli(['explain']);
    assert.equal(status, 0);
    assert.equal(err, '');
    const all = [...Object.entries(codes), ...lintRules.map((rule) => [rule.code, rule] as const)];
    assert.equal(out.trimEnd().split('\n').length, all.length);
    for (const [code, { severity, title }] of all) {
      assert.ok(out.split('\n').some((l) => l.startsWith(`${code} `) && l.includes(severity) && l.endsWith(title)));
    }
  });

  it('explains a code within 80 columns, also if the whole tag is given', () => {
    const { status, out } = runCli(['explain', 'yaml-syntax']);
    assert.equal(status, 0);
    assert.match(out, /^error\[yaml-syntax\] /);
    assert.ok(out.split('\n').every((line) => line.length <= 80));
    assert.equal(runCli(['explain', 'error[yaml-syntax]']).out, out);
    assert.equal(runCli(['explain', 'YAML-Syntax']).out, out);
  });

  it('suggests the code that was meant', () => {
    const { status, out, err } = runCli(['explain', 'yaml-sintax']);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(
      err,
      /^error: there is no code "yaml-sintax"\nDid you mean yaml-syntax\? "chainsmith explain" lists them all\.\n$/,
    );
    assert.equal(runCli(['explain', 'constructor']).status, 1);
  });
});
