import { strict as assert } from 'node:assert';
import { printLocation } from '../../../src/core/diag/source-location.ts';
import { chainShapes } from '../../../src/core/render/chain-shapes.ts';
import { compileTemplates } from '../../../src/core/render/compile-template.ts';
import { renderChain } from '../../../src/core/render/template-set.ts';

function compileOne(name: string, text: string): ReturnType<typeof compileTemplates> {
  return compileTemplates(new Map([[name, { text, file: `mine/${name}` }]]));
}

function faults(name: string, text: string): readonly string[] {
  return compileOne(name, text).diagnostics.map(
    (d) => `${d.code} ${d.location === undefined ? '' : printLocation(d.location)}`,
  );
}

describe('compileTemplates', () => {
  it('compiles a template that stands for the built-in one', () => {
    const { templates, diagnostics } = compileOne('nat/KUBE-MARK-MASQ.hbs', '-A KUBE-MARK-MASQ -m {{mark}}\n');
    assert.deepEqual(diagnostics, []);
    assert.equal(renderChain('nat/KUBE-MARK-MASQ', { mark: '0x1' }, templates), '-A KUBE-MARK-MASQ -m 0x1\n');
    assert.equal(renderChain('filter/KUBE-PROXY-CANARY', {}, templates), '');
  });

  it('escapes nothing and keeps line ends', () => {
    const text = '{{#if mark}}\n-A X "{{mark}}"\n{{/if}}\n';
    const { templates } = compileOne('nat/KUBE-MARK-MASQ.hbs', text);
    assert.equal(renderChain('nat/KUBE-MARK-MASQ', { mark: '<&"\'>' }, templates), '-A X "<&"\'>"\n');
  });

  const bad: Readonly<Record<string, readonly [name: string, text: string, fault: string]>> = {
    'an unknown table': ['raw/PREROUTING.hbs', '', 'template-unknown-file mine/raw/PREROUTING.hbs'],
    'an unknown chain': ['nat/KUBE-SVCS.hbs', '', 'template-unknown-file mine/nat/KUBE-SVCS.hbs'],
    'a name of Object': ['constructor', '', 'template-unknown-file mine/constructor'],
    'a field of another chain': [
      'nat/KUBE-MARK-MASQ.hbs',
      'a\nb {{chain}}',
      'template-unknown-field mine/nat/KUBE-MARK-MASQ.hbs:2:5',
    ],
    'a helper': ['nat/KUBE-MARK-MASQ.hbs', '{{log mark}}', 'template-not-allowed mine/nat/KUBE-MARK-MASQ.hbs:1:1'],
    'a block that is not closed': [
      'nat/KUBE-MARK-MASQ.hbs',
      '{{#if mark}}',
      'template-syntax mine/nat/KUBE-MARK-MASQ.hbs:1:13',
    ],
    'a block that is closed by another': [
      'nat/KUBE-MARK-MASQ.hbs',
      'a\n{{#if mark}}\n{{/each}}',
      'template-syntax mine/nat/KUBE-MARK-MASQ.hbs:2:4',
    ],
    'a brace too few': ['nat/KUBE-MARK-MASQ.hbs', 'a\n-m {{mark}', 'template-syntax mine/nat/KUBE-MARK-MASQ.hbs:2:10'],
  };
  for (const [what, [name, text, fault]] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(faults(name, text), [fault]);
      assert.equal(compileOne(name, text).templates.templates.size, 0);
    });
  }

  it('names the nearest template', () => {
    const { diagnostics } = compileOne('nat/KUBE-SVCS.hbs', '');
    assert.equal(diagnostics[0]?.hint, 'did you mean nat/KUBE-SVC.hbs?');
    assert.equal(compileOne('zzz.hbs', '').diagnostics[0]?.hint, 'templates are named TABLE/CHAIN.hbs');
  });

  it('keeps the good ones where others are bad', () => {
    const file = (text: string) => ({ text, file: 'x' });
    const { templates, diagnostics } = compileTemplates(
      new Map([
        ['nat/KUBE-SVC.hbs', file('{{nope}}')],
        ['nat/KUBE-SVL.hbs', file('{{chain}}')],
      ]),
    );
    assert.deepEqual([...templates.templates.keys()], ['nat/KUBE-SVL']);
    assert.equal(diagnostics.length, 1);
  });

  it('finds no fault of syntax to be outside of the text', () => {
    const faulty = [
      '{{',
      '{{{',
      '{{#',
      '{{/if}}',
      '{{#if}}',
      '{{#if mark}}\n\n\n',
      '{{mark',
      '{{else}}',
      '{{#each}}{{/if}}',
      '{{&}}',
      '{{..}}}',
    ];
    for (const name of Object.keys(chainShapes)) {
      for (const text of faulty) {
        for (const { location } of compileOne(`${name}.hbs`, text).diagnostics) {
          const { line = 0, column = 0 } = location ?? {};
          const lines = text.split('\n');
          assert.ok(line >= 1 && line <= lines.length, `${text}: line ${line}`);
          assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `${text}: column ${column}`);
        }
      }
    }
  });
});
