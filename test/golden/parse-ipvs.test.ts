import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../support/golden-case.ts';
import { PARSE_IPVS_INPUTS, produceParseIpvs } from '../support/golden-parse-ipvs.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'parse-ipvs');
const actual = join(goldenRoot, '.actual', 'parse-ipvs');

describe('golden dumps of virtual servers and sets', () => {
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length > 0, `there are no cases in ${root}`);
  });

  for (const name of cases) {
    it(name, () => {
      const folder = join(root, name);
      const { files, faults } = produceParseIpvs(folder);
      keepActual(join(actual, name), files);
      const found = [...faults, ...judgeText(folder, files, PARSE_IPVS_INPUTS)];
      if (found.length > 0) assert.fail(found.join('\n\n'));
    });
  }
});
