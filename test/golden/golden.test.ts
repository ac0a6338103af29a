import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findCases, readCase } from '../support/golden-case.ts';
import { produce } from '../support/golden-output.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeContent, judgeFlows, judgeStructure, judgeText, keepActual, WRITTEN_BY_HAND } from './run.ts';

const root = join(goldenRoot, 'compile');
const actual = join(goldenRoot, '.actual', 'compile');

function assertNone(faults: readonly string[]): void {
  if (faults.length > 0) assert.fail(faults.join('\n\n'));
}

describe('golden cases', () => {
  const cases = findCases(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length > 0, `there are no cases in ${root}`);
  });

  for (const name of cases) {
    describe(name, () => {
      const golden = readCase(root, name);
      const output = produce(golden);
      before(() => keepActual(join(actual, name), output.files));

      it('compiles to the expected text', () => assertNone(judgeText(golden.folder, output.files, WRITTEN_BY_HAND)));
      if (golden.flows.length > 0) {
        it(`lets ${golden.flows.length} flows go where they should`, () => assertNone(judgeFlows(golden, output)));
      }
      if (output.rules.ipv4 !== undefined || output.rules.ipv6 !== undefined) {
        it('has no loose chains', () => assertNone(judgeStructure(output)));
        it('holds nothing that is not ours', () => assertNone(judgeContent(output)));
      }
    });
  }
});
