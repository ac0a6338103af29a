import { printSubject, sortDiagnostics, type Diagnostic, type Severity } from '../../core/diag/diagnostic.ts';
import { printLocation } from '../../core/diag/source-location.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';

/** How many warnings or notes of one code are printed before the rest is only counted. Errors are always printed. */
const SHOWN_PER_CODE = 5;

export interface ReportOptions {
  /** Errors only. */
  readonly quiet?: boolean;
  /** Everything, nothing folded. */
  readonly verbose?: boolean;
  readonly paint: Paint;
}

/** The diagnostics as lines for a person: errors first, by code, with a sum at the end. */
export function printReport(diagnostics: readonly Diagnostic[], { quiet, verbose, paint }: ReportOptions): string {
  const shown = sortDiagnostics(diagnostics).filter((d) => quiet !== true || d.severity === 'error');
  if (shown.length === 0) return '';
  const lines: string[] = [];
  for (const group of byCode(shown)) {
    const foldable = verbose !== true && group[0].severity !== 'error' && group.length > SHOWN_PER_CODE;
    const visible = foldable ? group.slice(0, SHOWN_PER_CODE) : group;
    for (const diagnostic of visible) lines.push(printDiagnostic(diagnostic, paint));
    const rest = group.length - visible.length;
    if (rest > 0) lines.push(paint.faint(`... and ${rest} more ${tagOf(group[0])} (-v shows all)`));
  }
  lines.push(`${summary(shown)}; chainsmith explain CODE tells more`);
  return `${lines.join('\n')}\n`;
}

type Group = [Diagnostic, ...Diagnostic[]];

function byCode(sorted: readonly Diagnostic[]): Group[] {
  const groups: Group[] = [];
  for (const diagnostic of sorted) {
    const last = groups.at(-1);
    if (last?.[0].code === diagnostic.code) last.push(diagnostic);
    else groups.push([diagnostic]);
  }
  return groups;
}

function tagOf({ severity, code }: Diagnostic): string {
  return `${severity}[${code}]`;
}

/** `error[code] file:line:column: Service default/web: message (hint: ...)`, and an excerpt below if there is one. */
export function printDiagnostic(diagnostic: Diagnostic, paint: Paint): string {
  const { location, subject, message, hint, severity } = diagnostic;
  const place = [
    ...(location === undefined ? [] : [printLocation(location)]),
    ...(subject === undefined ? [] : [printSubject(subject)]),
  ];
  const tag = paint.severity(severity, tagOf(diagnostic));
  const head = place.length === 0 ? `${tag}:` : `${tag} ${place.map((p) => `${plainText(p)}:`).join(' ')}`;
  const line = `${head} ${message}${hint === undefined ? '' : ` ${paint.faint(`(hint: ${hint})`)}`}`;
  if (location?.excerpt === undefined) return line;
  const excerpt = location.excerpt.split('\n').map((l) => `  ${plainText(l)}`);
  return [line, ...excerpt].join('\n');
}

const NOUN: { readonly [S in Severity]: string } = { error: 'error', warning: 'warning', info: 'note' };

function summary(diagnostics: readonly Diagnostic[]): string {
  const severities: readonly Severity[] = ['error', 'warning', 'info'];
  const counts = severities.map((s) => [diagnostics.filter((d) => d.severity === s).length, NOUN[s]] as const);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, noun]) => `${count} ${noun}${count === 1 ? '' : 's'}`)
    .join(', ');
}
