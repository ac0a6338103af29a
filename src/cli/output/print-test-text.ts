import { printDiagnostic } from './print-report.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import {
  countCases,
  statusOf,
  type CaseReport,
  type CaseStatus,
  type CheckReport,
  type TestReport,
} from './test-report.ts';

export interface TestTextOptions {
  /** Only cases that do not pass. */
  readonly quiet: boolean;
  /** What is said of inputs, too. */
  readonly verbose: boolean;
  readonly paint: Paint;
}

/** A line per case, and below it what is not as expected. */
export function printTestText({ cases }: TestReport, options: TestTextOptions): string {
  return cases
    .filter((one) => !options.quiet || statusOf(one) !== 'pass')
    .flatMap((one) => caseLines(one, options))
    .map((line) => `${line}\n`)
    .join('');
}

const WORD: Readonly<Record<CaseStatus, string>> = { pass: 'ok   ', fail: 'FAIL ', error: 'ERROR' };

function caseLines(one: CaseReport, { verbose, paint }: TestTextOptions): readonly string[] {
  const status = statusOf(one);
  const word = status === 'pass' ? paint.change('+', WORD.pass) : paint.severity('error', WORD[status]);
  const failing = one.checks.filter(({ fault }) => fault !== undefined);
  return [
    `${word} ${paint.strong(plainText(one.name))}${checkCounts(one)}`,
    ...one.written.map((file) => `  wrote ${file}`),
    ...one.errors.flatMap((error) => printDiagnostic(error, paint).split('\n').map(indented)),
    ...(verbose ? one.notes.flatMap((note) => printDiagnostic(note, paint).split('\n').map(indented)) : []),
    ...failing.flatMap((check) => checkLines(check, paint)),
  ];
}

function checkCounts({ checks }: CaseReport): string {
  const counts = (['file', 'flow'] as const).flatMap((kind) => {
    const count = checks.filter((check) => check.kind === kind).length;
    return count === 0 ? [] : [many(count, kind)];
  });
  return counts.length === 0 ? '' : `: ${counts.join(', ')}`;
}

function checkLines({ kind, name, place, fault = '', details }: CheckReport, paint: Paint): readonly string[] {
  const where = kind === 'file' ? place : `${place}: ${name}`;
  return [
    `  ${plainText(where)}: ${plainText(fault)}`,
    ...details.map((line) => `    ${kind === 'file' ? diffLine(plainText(line), paint) : plainText(line)}`),
  ];
}

function diffLine(line: string, paint: Paint): string {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return paint.strong(line);
  if (line.startsWith('+')) return paint.change('+', line);
  return line.startsWith('-') ? paint.change('-', line) : line;
}

function indented(line: string): string {
  return `  ${line}`;
}

/** `3 cases: 2 pass, 1 fails; 4 files and 7 flows checked` */
export function printTestSummary(report: TestReport): string {
  const { cases, pass, fail, error, files, flows } = countCases(report);
  const parts = [
    ...(pass > 0 ? [`${pass} ${pass === 1 ? 'passes' : 'pass'}`] : []),
    ...(fail > 0 ? [`${fail} ${fail === 1 ? 'fails' : 'fail'}`] : []),
    ...(error > 0 ? [`${error} with errors`] : []),
  ];
  const written = report.cases.reduce((sum, one) => sum + one.written.length, 0);
  const wrote = written === 0 ? '' : `; ${many(written, 'file')} written`;
  return `${many(cases, 'case')}: ${parts.join(', ')}; ${many(files, 'file')} and ${many(flows, 'flow')} checked${wrote}\n`;
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
