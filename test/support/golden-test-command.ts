/** Cases of golden/test-command: directories of cases as users have them, and what `chainsmith test` says of each. */
import { join } from 'node:path';
import { testFolder, type TestedFolder } from '../../src/cli/commands/test-folder.ts';
import { paint } from '../../src/cli/output/colors.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';
import { printJunit } from '../../src/cli/output/print-junit.ts';
import { printTap } from '../../src/cli/output/print-tap.ts';
import { printTestSummary, printTestText } from '../../src/cli/output/print-test-text.ts';
import { nodeIo } from '../../src/host/sources/source-io.ts';
import { folderIo } from '../../src/host/testing/folder-io.ts';
import { foldersIn } from './golden-case.ts';

export const TEST_COMMAND_INPUTS: readonly string[] = ['README.md', 'tests', 'deploy'];
export const TEST_COMMAND_PRODUCED: readonly string[] = ['report.txt', 'report.xml', 'report.tap', 'diagnostics.txt'];

export function findTestCommandCases(root: string): readonly string[] {
  return foldersIn(root);
}

/** Paths in reports are those inside the case, whatever folder the checkout is in. */
export async function produceTestCommand(
  root: string,
  name: string,
): Promise<{ readonly tested: TestedFolder; readonly files: ReadonlyMap<string, string> }> {
  const tested = await testFolder('tests', {}, folderIo(join(root, name), nodeIo));
  const { report, diagnostics } = tested;
  const errors = [...diagnostics, ...report.cases.flatMap((one) => one.errors)];
  const files = new Map([['diagnostics.txt', diagnosticsText(errors)]]);
  if (report.cases.length > 0) {
    const text = printTestText(report, { quiet: false, verbose: false, paint: paint(false) });
    files.set('report.txt', text + printTestSummary(report));
    files.set('report.xml', printJunit(report, 'tests'));
    files.set('report.tap', printTap(report));
  }
  return { tested, files };
}
