import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../support/golden-case.ts';
import { DECODE_INPUTS, produceDecode } from '../support/golden-decode.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'decode');
const actual = join(goldenRoot, '.actual', 'decode');

describe('golden decodings', () => {
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length >= 20, `only ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    it(name, async () => {
      const folder = join(root, name);
      const files = await produceDecode(folder);
      keepActual(join(actual, name), files);
      const faults = judgeText(folder, files, DECODE_INPUTS);
      if (faults.length > 0) assert.fail(faults.join('\n\n'));
      for (const file of ['decoded.txt', 'wide.txt']) {
        const long = (files.get(file) ?? '').split('\n').filter((line) => line.length > 120 && !/^ +line \d+: /.test(line));
        assert.deepEqual(long, [], `${file} has lines that are too long for a terminal`);
      }
    });
  }
});
