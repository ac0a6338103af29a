import type { GlobalOptions } from '../options/global-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printJunit } from '../output/print-junit.ts';
import { printReport } from '../output/print-report.ts';
import { printTap } from '../output/print-tap.ts';
import { printTestSummary, printTestText, type TestTextOptions } from '../output/print-test-text.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { countCases, type TestReport } from '../output/test-report.ts';
import { writeFile } from '../output/write-file.ts';
import { testFolder, type TestedFolder } from './test-folder.ts';

/** The options of `test` as commander stores them. */
export interface TestFlags extends GlobalOptions {
  readonly filter?: string;
  readonly update?: boolean;
  readonly output: 'text' | 'junit' | 'tap';
  readonly out?: string;
}

/** Judges all cases of a directory, and reports. */
export async function runTest(folder: string, flags: TestFlags): Promise<number> {
  const { report, diagnostics } = await withProgress(folder, flags);
  if (report.cases.length === 0) {
    await writeErr(printReport(diagnostics, { ...flags, paint: paint(wantsColor(flags.color, process.stderr)) }));
    return 1;
  }
  await print(report, folder, flags);
  const { error, fail } = countCases(report);
  if (error > 0) return 1;
  return fail > 0 ? 2 : 0;
}

async function withProgress(folder: string, { filter, update, quiet = false }: TestFlags): Promise<TestedFolder> {
  const line = progressLine(process.stderr, `looking for cases in ${folder}`, !quiet);
  const onCase = async (name: string, number: number, of: number): Promise<void> => {
    line.say(`${number} of ${of}: ${name}`);
    // The line has its turn here only: judging is mostly computing.
    await new Promise(setImmediate);
  };
  try {
    return await testFolder(folder, { filter, update, onCase });
  } finally {
    line.end();
  }
}

/** The report is data; with --out, or as something for programs, people are told on standard error. */
async function print(report: TestReport, folder: string, flags: TestFlags): Promise<void> {
  const { quiet = false, verbose = false, output, out, color } = flags;
  const options = (stream: NodeJS.WriteStream): TestTextOptions => ({
    quiet,
    verbose,
    paint: paint(wantsColor(color, stream)),
  });
  const summary = quiet ? '' : printTestSummary(report);
  if (output === 'text' && out === undefined) {
    await writeOut(printTestText(report, options(process.stdout)) + summary);
    return;
  }
  const plain = { quiet, verbose, paint: paint(false) };
  const text =
    output === 'junit'
      ? printJunit(report, folder)
      : output === 'tap'
        ? printTap(report)
        : printTestText(report, plain) + summary;
  if (out === undefined) {
    await writeOut(text);
    await writeErr(summary);
    return;
  }
  await writeFile(out, [text]);
  await writeErr(printTestText(report, { ...options(process.stderr), quiet: true }) + summary);
  if (!quiet) await writeErr(`wrote ${out}\n`);
}
