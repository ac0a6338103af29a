// TAP version 14 (testanything.org): a subtest per case, a test point per file and flow.
import { printDiagnostic } from './print-report.ts';
import { paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import { printableText } from './printable-text.ts';
import { statusOf, type CaseReport, type TestReport } from './test-report.ts';

export function printTap({ cases }: TestReport): string {
  const lines = ['TAP version 14', `1..${cases.length}`, ...cases.flatMap((one, i) => caseLines(one, i + 1))];
  return lines.map((line) => `${line}\n`).join('');
}

interface TestPoint {
  readonly name: string;
  /** Undefined if it passes. */
  readonly message: string | undefined;
  readonly details: readonly string[];
}

function caseLines(one: CaseReport, number: number): readonly string[] {
  const points = pointsOf(one);
  const inner = [`1..${points.length}`, ...points.flatMap((point, i) => pointLines(point, i + 1))];
  const ok = statusOf(one) === 'pass' ? 'ok' : 'not ok';
  return [
    `# Subtest: ${described(one.name)}`,
    ...inner.map((line) => `    ${line}`),
    `${ok} ${number} - ${described(one.name)}`,
  ];
}

function pointsOf({ checks, errors }: CaseReport): readonly TestPoint[] {
  const points = checks.map(({ name, place, fault, details }) => ({
    name,
    message: fault === undefined ? undefined : `${place}: ${fault}`,
    details,
  }));
  const [first] = errors;
  if (first === undefined) return points;
  const details = errors.flatMap((error) => printDiagnostic(error, paint(false)).split('\n'));
  return [...points, { name: 'the case can be read', message: first.message, details }];
}

function pointLines({ name, message, details }: TestPoint, number: number): readonly string[] {
  if (message === undefined) return [`ok ${number} - ${described(name)}`];
  return [
    `not ok ${number} - ${described(name)}`,
    '  ---',
    `  message: ${JSON.stringify(line(message))}`,
    ...(details.length === 0 ? [] : ['  details: |2-', ...details.map((one) => `    ${line(one)}`)]),
    '  ...',
  ];
}

/** `#` would begin a directive, and a backslash escapes. */
function described(name: string): string {
  return line(name).replaceAll(/[\\#]/g, '\\$&');
}

function line(text: string): string {
  return printableText(plainText(text));
}
