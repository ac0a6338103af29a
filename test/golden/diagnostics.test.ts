import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codes } from '../../src/core/diag/codes.ts';
import { findCases, foldersIn } from '../support/golden-case.ts';
import { DIAGNOSTIC_INPUTS, findDiagnosticCases, produceDiagnostics } from '../support/golden-diagnostics.ts';
import { findLintCases } from '../support/golden-lint.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'diagnostics');
const actual = join(goldenRoot, '.actual', 'diagnostics');

describe('golden diagnostics of files', () => {
  const cases = findDiagnosticCases(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length > 0, `there are no cases in ${root}`);
  });

  for (const name of cases) {
    it(name, async () => {
      const folder = join(root, name);
      const files = await produceDiagnostics(folder);
      keepActual(join(actual, name), files);
      const faults = judgeText(folder, files, DIAGNOSTIC_INPUTS);
      if (faults.length > 0) assert.fail(faults.join('\n\n'));
    });
  }
});

describe('diagnostic codes', () => {
  const texts = [
    ...findCases(join(goldenRoot, 'compile')).map((name) => join(goldenRoot, 'compile', name)),
    ...foldersIn(join(goldenRoot, 'compile-ipvs')).map((name) => join(goldenRoot, 'compile-ipvs', name)),
    ...findDiagnosticCases(root).map((name) => join(root, name)),
    ...foldersIn(join(goldenRoot, 'plan')).map((name) => join(goldenRoot, 'plan', name)),
    ...foldersIn(join(goldenRoot, 'trace')).map((name) => join(goldenRoot, 'trace', name)),
    ...foldersIn(join(goldenRoot, 'test-command')).map((name) => join(goldenRoot, 'test-command', name)),
    ...foldersIn(join(goldenRoot, 'parse')).map((name) => join(goldenRoot, 'parse', name)),
    ...foldersIn(join(goldenRoot, 'parse-ipvs')).map((name) => join(goldenRoot, 'parse-ipvs', name)),
    ...findLintCases(join(goldenRoot, 'lint')).map((name) => join(goldenRoot, 'lint', name)),
    ...foldersIn(join(goldenRoot, 'verify')).map((name) => join(goldenRoot, 'verify', name)),
  ].flatMap((folder) => {
    // messages.txt is as the command prints them: `error[code] file:line: ...`.
    const paths = ['diagnostics.txt', 'messages.txt'].map((file) => join(folder, file));
    return paths.flatMap((path) => (existsSync(path) ? [readFileSync(path, 'utf8')] : []));
  });
  const codesIn = (text: string): readonly (string | undefined)[] =>
    [...text.matchAll(/^\w+(?: ([a-z0-9-]+): |\[([a-z0-9-]+)\])/gmu)].map(([, plain, printed]) => plain ?? printed);
  const shown = new Set(texts.flatMap(codesIn));

  for (const code of Object.keys(codes)) {
    it(`${code} appears in a golden case`, () => {
      assert.ok(shown.has(code), `no case of golden/ has ${code}; add a case that shows it`);
    });
  }
});
