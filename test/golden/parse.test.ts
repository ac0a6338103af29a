import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../support/golden-case.ts';
import { PARSE_INPUTS, produceParse } from '../support/golden-parse.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'parse');
const actual = join(goldenRoot, '.actual', 'parse');

describe('golden dumps', () => {
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length > 0, `there are no cases in ${root}`);
  });

  for (const name of cases) {
    it(name, () => {
      const folder = join(root, name);
      const { files, faults } = produceParse(folder);
      keepActual(join(actual, name), files);
      const found = [...faults, ...judgeText(folder, files, PARSE_INPUTS)];
      if (found.length > 0) assert.fail(found.join('\n\n'));
    });
  }
});
