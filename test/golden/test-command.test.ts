import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '../../src/cli/commands/test-folder.ts';
import { countCases } from '../../src/cli/output/test-report.ts';
import { findTestCommandCases, produceTestCommand, TEST_COMMAND_INPUTS } from '../support/golden-test-command.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

const root = join(goldenRoot, 'test-command');
const actual = join(goldenRoot, '.actual', 'test-command');

describe('golden cases of chainsmith test', () => {
  const cases = findTestCommandCases(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length > 0, `there are no cases in ${root}`);
  });

  for (const name of cases) {
    it(`reports ${name}`, async () => {
      const { files } = await produceTestCommand(root, name);
      keepActual(join(actual, name), files);
      const faults = judgeText(join(root, name), files, TEST_COMMAND_INPUTS);
      if (faults.length > 0) assert.fail(faults.join('\n\n'));
    });
  }

  it('are what golden/compile-ipvs is for a user too', async () => {
    const { report } = await testFolder(join(goldenRoot, 'compile-ipvs'));
    const { pass, fail, error } = countCases(report);
    assert.deepEqual({ fail, error }, { fail: 0, error: 0 });
    assert.ok(pass > 25, `${pass}`);
    const files = new Set(report.cases.flatMap(({ checks }) => checks.map(({ name }) => name)));
    for (const file of ['ipvs.rules', 'ipset.rules', 'addresses.txt']) assert.ok(files.has(file), file);
  });

  it('are what their names say', async () => {
    const counts = async (name: string): Promise<unknown> => {
      const { pass, fail, error } = countCases((await produceTestCommand(root, name)).tested.report);
      return { pass, fail, error };
    };
    assert.deepEqual(await counts('passes'), { pass: 3, fail: 0, error: 0 });
    assert.deepEqual(await counts('differences'), { pass: 1, fail: 2, error: 0 });
    assert.deepEqual(await counts('ipvs'), { pass: 1, fail: 2, error: 0 });
    assert.deepEqual(await counts('no-cases'), { pass: 0, fail: 0, error: 0 });
    const { pass, fail } = countCases((await produceTestCommand(root, 'mistakes')).tested.report);
    assert.deepEqual({ pass, fail }, { pass: 0, fail: 0 });
  });
});
