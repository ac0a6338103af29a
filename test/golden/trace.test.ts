import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../support/golden-case.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { produceTrace, TRACE_INPUTS } from '../support/golden-trace.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'trace');
const actual = join(goldenRoot, '.actual', 'trace');

describe('golden traces', () => {
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length >= 20, `there are ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    it(name, async () => {
      const folder = join(root, name);
      const files = await produceTrace(folder);
      keepActual(join(actual, name), files);
      const faults = judgeText(folder, files, TRACE_INPUTS);
      if (faults.length > 0) assert.fail(faults.join('\n\n'));
    });
  }
});
