import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../support/golden-case.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { produceVerify } from '../support/golden-verify.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'conntrack');
const actual = join(goldenRoot, '.actual', 'conntrack');
const INPUTS: readonly string[] = ['README.md', 'command.txt', 'input.yaml', 'conntrack.txt'];

describe('golden stale connections', () => {
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length >= 7, `there are ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    it(name, () => {
      const folder = join(root, name);
      const files = produceVerify(folder);
      keepActual(join(actual, name), files);
      const faults = judgeText(folder, files, INPUTS);
      if (faults.length > 0) assert.fail(faults.join('\n\n'));
    });
  }
});
