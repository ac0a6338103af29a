import type { Finding, Place } from '../../core/analyze/lint/finding.ts';
import type { LintDump } from '../../core/analyze/lint/lint-input.ts';
import type { Severity } from '../../core/diag/diagnostic.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import { wrapText } from './wrap-text.ts';

export interface LintView {
  /** Sorted. */
  readonly findings: readonly Finding[];
  readonly dumps: readonly LintDump[];
}

export interface LintPrintOptions {
  /** Everything, nothing folded. */
  readonly verbose: boolean;
  readonly paint: Paint;
  /** What is below was left out; undefined: nothing was. */
  readonly least?: Severity | undefined;
}

/** How many findings of one code are printed before the rest is only counted. */
const SHOWN_PER_CODE = 5;
/** Lines of the dump below a finding, of which there may be one for each Service. */
const SHOWN_LINES = 3;
const WIDTH = 100;

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** The findings for a person: errors first, each with the rules it is about and, the first time, with what to do. */
export function printLint({ findings, dumps }: LintView, options: LintPrintOptions): string {
  if (findings.length === 0) return `${nothing(options.least)} found in ${extent(dumps)}\n`;
  const groups = SEVERITIES.flatMap((severity) => {
    const own = findings.filter((finding) => finding.severity === severity);
    return own.length === 0 ? [] : [printGroup(own, options)];
  });
  return `${groups.join('\n')}\n${findingsSummary(findings)} in ${extent(dumps)}; chainsmith explain CODE tells more\n`;
}

function nothing(least: Severity | undefined): string {
  if (least === 'error') return 'no error';
  return least === 'warning' ? 'no error and no warning' : 'nothing';
}

function printGroup(findings: readonly Finding[], options: LintPrintOptions): string {
  const counts = new Map<string, number>();
  const parts: string[] = [];
  for (const finding of findings) {
    const count = (counts.get(finding.code) ?? 0) + 1;
    counts.set(finding.code, count);
    if (options.verbose || count <= SHOWN_PER_CODE) parts.push(printFinding(finding, count === 1, options));
  }
  const folded = [...counts].filter(([, count]) => !options.verbose && count > SHOWN_PER_CODE);
  for (const [code, count] of folded) {
    parts.push(options.paint.faint(`... and ${count - SHOWN_PER_CODE} more ${code} (-v shows all)\n`));
  }
  return parts.join('');
}

function printFinding(finding: Finding, withFix: boolean, { paint, verbose }: LintPrintOptions): string {
  const { severity, code, message, place, related, fix } = finding;
  const tag = paint.severity(severity, `${severity}[${code}]`);
  const at = place === undefined ? '' : ` ${plainText(placeText(place))}:`;
  const lines = [place, ...related].filter((one) => one?.text !== undefined);
  const shown = verbose ? lines : lines.slice(0, SHOWN_LINES);
  const rest = lines.length - shown.length;
  const rules = shown.map((one) => paint.faint(`    ${one?.line ?? ''} | ${plainText(one?.text ?? '')}`) + '\n');
  if (rest > 0) rules.push(paint.faint(`    ... ${rest} more line${rest === 1 ? '' : 's'}`) + '\n');
  const advice = withFix || verbose ? wrapText(`fix: ${plainText(fix)}`, WIDTH, '    ') : '';
  return `${tag}${at} ${plainText(message)}\n${rules.join('')}${advice}`;
}

/** `iptables.txt:12 filter KUBE-FIREWALL` */
export function placeText({ file, line, table, chain }: Place): string {
  const at = line === undefined ? file : `${file}:${line}`;
  return [at, table, chain].filter((part) => part !== undefined).join(' ');
}

const NOUN: { readonly [S in Severity]: string } = { error: 'error', warning: 'warning', info: 'note' };

export function findingsSummary(findings: readonly Finding[]): string {
  return SEVERITIES.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? '' : `${count} ${NOUN[severity]}${count === 1 ? '' : 's'}`;
  })
    .filter((text) => text !== '')
    .join(', ');
}

/** What was looked at; the word is `rules` for one as well. */
export function extent(dumps: readonly LintDump[]): string {
  let rules = 0;
  for (const { ruleset } of dumps) {
    for (const { chains } of ruleset.tables) for (const chain of chains.values()) rules += chain.rules.length;
  }
  return `${rules} rule${rules === 1 ? '' : 's'}`;
}
