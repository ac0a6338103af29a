import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { lintRules } from '../../src/core/analyze/lint/lint-rules.ts';
import { foldersIn } from '../support/golden-case.ts';
import { findLintCases, lintInputs, produceLint } from '../support/golden-lint.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'lint');
const actual = join(goldenRoot, '.actual', 'lint');

describe('golden findings', () => {
  before(() => rmSync(actual, { recursive: true, force: true }));

  for (const name of findLintCases(root)) {
    it(name, () => {
      const [code = '', kind = ''] = name.split('/');
      const { files, findings } = produceLint(root, name);
      keepActual(join(actual, name), files);
      const isFound = findings.some((finding) => finding.code === code);
      assert.equal(isFound, kind.startsWith('fires'), `${code} ${isFound ? 'fires' : 'is silent'}`);
      const folder = join(root, name);
      const faults = judgeText(folder, files, lintInputs(folder));
      if (faults.length > 0) assert.fail(faults.join('\n\n'));
    });
  }
});

describe('lint rules', () => {
  it('have a case that fires and one that stays silent each, and there are no others', () => {
    const codes = lintRules.map(({ code }) => code);
    assert.deepEqual(foldersIn(root), codes.toSorted());
    for (const code of codes) {
      const cases = foldersIn(join(root, code));
      for (const kind of ['fires', 'silent']) assert.ok(cases.includes(kind), `golden/lint/${code} has no case ${kind}`);
      for (const name of cases) assert.match(name, /^(?:fires|silent)(?:-[a-z0-9]+)*$/, `golden/lint/${code}/${name}`);
    }
  });
});
