import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn, readCase } from '../support/golden-case.ts';
import { IPVS_INPUTS, produceIpvs } from '../support/golden-ipvs.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'compile-ipvs');
const actual = join(goldenRoot, '.actual', 'compile-ipvs');

describe('golden cases of the ipvs mode', () => {
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length >= 15, `only ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    it(name, () => {
      const golden = readCase(root, name);
      const { files, faults } = produceIpvs(golden);
      keepActual(join(actual, name), files);
      const found = [...faults, ...judgeText(golden.folder, files, IPVS_INPUTS)];
      if (found.length > 0) assert.fail(found.join('\n\n'));
    });
  }
});
