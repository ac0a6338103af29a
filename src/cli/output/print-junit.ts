import { printDiagnostic } from './print-report.ts';
import { paint } from './colors.ts';
import { printableText } from './printable-text.ts';
import { statusOf, type CaseReport, type CheckReport, type TestReport } from './test-report.ts';

/**
 * JUnit XML as CI systems read it (there is no standard; this is what Ant's and Surefire's have in common): a suite per case, a test case
 * per file and flow. Without times, so that the same result gives the same bytes.
 */
export function printJunit({ cases }: TestReport, folder: string): string {
  const suites = cases.map(suiteOf);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: `chainsmith test ${folder}`, ...sum(suites) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

interface Suite {
  readonly name: string;
  readonly counts: Counts;
  readonly lines: readonly string[];
}

function sum(suites: readonly Suite[]): Counts {
  const total = (key: keyof Counts): number => suites.reduce((all, { counts }) => all + counts[key], 0);
  return { tests: total('tests'), failures: total('failures'), errors: total('errors') };
}

function suiteOf(one: CaseReport): Suite {
  const { name, checks, errors } = one;
  const failures = checks.filter(({ fault }) => fault !== undefined).length;
  const isError = statusOf(one) === 'error';
  return {
    name,
    counts: { tests: checks.length + (isError ? 1 : 0), failures, errors: isError ? 1 : 0 },
    lines: [...checks.flatMap((check) => checkLines(name, check)), ...(isError ? errorLines(name, errors) : [])],
  };
}

function suiteLines({ name, counts, lines }: Suite): readonly string[] {
  return [`  <testsuite ${attributes({ name, ...counts })}>`, ...lines, '  </testsuite>'];
}

function checkLines(suite: string, { name, place, fault, details }: CheckReport): readonly string[] {
  const open = `    <testcase ${attributes({ name, classname: suite })}`;
  if (fault === undefined) return [`${open}/>`];
  const text = [`${place}: ${fault}`, ...details].join('\n');
  return [
    `${open}>`,
    `      <failure ${attributes({ message: fault, type: 'difference' })}>${escaped(text)}</failure>`,
    '    </testcase>',
  ];
}

function errorLines(suite: string, errors: CaseReport['errors']): readonly string[] {
  const [first] = errors;
  const text = errors.map((error) => printDiagnostic(error, paint(false))).join('\n');
  return [
    `    <testcase ${attributes({ name: 'the case can be read', classname: suite })}>`,
    `      <error ${attributes({ message: first?.message ?? '', type: first?.code ?? '' })}>${escaped(text)}</error>`,
    '    </testcase>',
  ];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('"', '&quot;')}"`)
    .join(' ');
}

const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return printableText(text).replaceAll(/[&<>]/g, (sign) => ENTITY[sign] ?? sign);
}
