import { strict as assert } from 'node:assert';
import { compile } from '../../../src/core/compile/compile.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { printedParts, printRules } from '../../../src/core/compile/print-rules.ts';
import { serviceDocument, sliceDocument } from '../../support/builders.ts';

describe('printRules', () => {
  it('declares all chains of a table before its rules', () => {
    const rules: Pick<CompiledRules, 'family' | 'chains'> = {
      family: 'ipv4',
      chains: [
        { table: 'nat', name: 'OUTPUT', policy: 'ACCEPT', rules: '', purpose: 'none' },
        { table: 'nat', name: 'KUBE-B', policy: '-', rules: '-A KUBE-B -j RETURN\n', purpose: 'comes back' },
        { table: 'filter', name: 'KUBE-A', policy: '-', rules: '', purpose: 'empty' },
      ],
    };
    const tables = '*mangle\nCOMMIT\n*filter\n:KUBE-A - [0:0]\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\n:KUBE-B - [0:0]\n';
    assert.equal(printRules(rules), `${tables}-A KUBE-B -j RETURN\nCOMMIT\n`);
    const explained = `${tables.replace('COMMIT\n*nat', '# KUBE-A: empty\nCOMMIT\n*nat')}# KUBE-B: comes back\n`;
    assert.equal(printRules(rules, { explain: true }), `${explained}-A KUBE-B -j RETURN\nCOMMIT\n`);
  });

  it('explains without changing a rule', () => {
    const [rules] = compile([serviceDocument(), sliceDocument()], { node: 'node-a' }).rules;
    assert.ok(rules);
    const explained = printRules(rules, { explain: true });
    assert.equal(explained.replaceAll(/^#.*\n/gmu, ''), printRules(rules));
    assert.match(explained, /^# KUBE-SVC-\w+: sends shop\/web:http \(TCP 80\) to the only endpoint$/mu);
  });

  it('has each chain once and in order, in however many parts', () => {
    const names = Array.from({ length: 2500 }, (_, i) => `KUBE-${i}`);
    const chains = names.map((name) => {
      return { table: 'nat', name, policy: '-', rules: `-A ${name} -j RETURN\n`, purpose: 'comes back' } as const;
    });
    const parts = [...printedParts({ family: 'ipv4', chains })];
    const declared = names.map((name) => `:${name} - [0:0]\n`);
    const fixed = '*mangle\nCOMMIT\n*filter\nCOMMIT\n*nat\n';
    assert.equal(parts.join(''), `${[fixed, ...declared, ...chains.map((c) => c.rules)].join('')}COMMIT\n`);
    assert.ok(Math.max(...parts.map((part) => part.length)) < 50_000);
  });
});
