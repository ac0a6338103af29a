import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from 'chainsmith';
import * as templates from 'chainsmith/templates';
import { ROOT } from '../../scripts/docs/pages.ts';
import { fencedBlocks } from './support.ts';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the library', () => {
  it('runs the example of the README under its package name', () => {
    const [example = '', ...others] = fencedBlocks(readme, 'ts');
    assert.deepEqual(others, []);
    assert.ok(example.split('\n').length <= 20, 'the example is short');
    // Inside the checkout, so that `chainsmith` is this package by its own exports.
    const file = join(ROOT, 'dist', 'readme-example.mjs');
    try {
      writeFileSync(file, example);
      const output = execFileSync(process.execPath, [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      assert.match(output, /^\*mangle\n/);
      assert.match(output, /^-A KUBE-SERVICES -d 10\.96\.0\.80\/32 .* --dport 80 -j KUBE-SVC-/m);
      assert.match(output, /--probability 0\.50000000000 -j KUBE-SEP-/);
      assert.match(output, /--to-destination 10\.244\.0\.12:8080$/m);
    } finally {
      rmSync(file, { force: true });
    }
  });

  it('exports what it promises, and nothing by accident', () => {
    assert.deepEqual(Object.keys(library).sort(), [
      'canonicalRule',
      'codes',
      'compile',
      'decode',
      'exactShare',
      'hasErrors',
      'parseIptablesSave',
      'parseRule',
      'printCanonicalDump',
      'printDump',
      'printLocation',
      'printRule',
      'printRules',
      'printSubject',
    ]);
    assert.deepEqual(Object.keys(templates), ['compileTemplates']);
  });
});

describe('the README', () => {
  it('names every command that is there, and says of the others that they are not', () => {
    const table = /## Commands\n([^]*?)\n## /.exec(readme)?.[1] ?? '';
    for (const command of ['compile', 'explain', 'version', 'completion'])
      assert.match(table, new RegExp(`\\| .*\`${command}\``));
    assert.match(table, /not there yet/);
  });
});
