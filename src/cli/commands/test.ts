import { diagnose } from '../../core/diag/diagnostic.ts';
import { findCases, type FoundCase } from '../../host/testing/find-cases.ts';
import { readCase } from '../../host/testing/read-case.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printJunit } from '../output/print-junit.ts';
import { printReport } from '../output/print-report.ts';
import { printTap } from '../output/print-tap.ts';
import { printTestSummary, printTestText, type TestTextOptions } from '../output/print-test-text.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { countCases, type CaseReport, type TestReport } from '../output/test-report.ts';
import { writeFile } from '../output/write-file.ts';
import { testCase } from './test-case.ts';

/** The options of `test` as commander stores them. */
export interface TestFlags extends GlobalOptions {
  readonly filter?: string;
  readonly update?: boolean;
  readonly output: 'text' | 'junit' | 'tap';
  readonly out?: string;
}

/** Judges all cases of a directory, one after the other in the order of their names. */
export async function runTest(folder: string, flags: TestFlags): Promise<number> {
  const { cases, diagnostics } = await findCases(folder);
  const wanted = cases.filter(({ name }) => name.includes(flags.filter ?? ''));
  if (wanted.length === 0) {
    const found = cases.length === 0 ? diagnostics : [noneLeft(folder, flags.filter ?? '', cases.length)];
    await writeErr(printReport(found, { ...flags, paint: paint(wantsColor(flags.color, process.stderr)) }));
    return 1;
  }
  const report = { cases: await judgeAll(wanted, flags) };
  await print(report, folder, flags);
  const { error, fail } = countCases(report);
  if (error > 0) return 1;
  return fail > 0 ? 2 : 0;
}

function noneLeft(folder: string, filter: string, all: number): ReturnType<typeof diagnose> {
  const message = `no case has ${JSON.stringify(filter)} in its name; there are ${all}`;
  return diagnose('test-no-cases', { message, location: { file: folder } });
}

async function judgeAll(
  cases: readonly FoundCase[],
  { quiet = false, update = false }: TestFlags,
): Promise<CaseReport[]> {
  const line = progressLine(process.stderr, '', !quiet);
  try {
    const reports: CaseReport[] = [];
    for (const found of cases) {
      line.say(`${reports.length + 1} of ${cases.length}: ${found.name}`);
      reports.push(await testCase(await readCase(found), update));
      // Gives the progress line its turn: judging is mostly computing.
      await new Promise(setImmediate);
    }
    return reports;
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
