import { codes, type DiagnosticCode } from './codes.ts';
import { printLocation, type SourceLocation } from './source-location.ts';
import { compareBy } from '../util/order.ts';

/** `error`: something of the input is left out or would be refused by the API server. `warning`: it works, perhaps not as meant. `info`: what was assumed. */
export type Severity = 'error' | 'warning' | 'info';

/** The Kubernetes object (or configuration file, or template) a diagnostic speaks of. */
export interface Subject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/**
 * One thing to tell the user. A value, never thrown: a bad object must not stop the others. The code is stable, so that scripts
 * can rely on it; the wording is not.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One line, no final full stop. */
  readonly message: string;
  readonly subject?: Subject;
  readonly location?: SourceLocation;
  /** What to do about it, one line. */
  readonly hint?: string;
}

export interface DiagnosticDetails {
  readonly message: string;
  readonly subject?: Subject | undefined;
  readonly location?: SourceLocation | undefined;
  readonly hint?: string | undefined;
}

/** Makes a diagnostic; the severity belongs to the code. */
export function diagnose(code: DiagnosticCode, details: DiagnosticDetails): Diagnostic {
  const { message, subject, location, hint } = details;
  return {
    code,
    severity: codes[code].severity,
    message: oneLine(message),
    ...(subject === undefined ? {} : { subject }),
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint: oneLine(hint) }),
  };
}

/** Input text quoted in a message must not break the one-line form nor reach the terminal as control codes. */
function oneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `namespace/name` for namespaced objects, with the kind in front. */
export function printSubject(subject: Subject): string {
  const name = subject.namespace === undefined ? subject.name : `${subject.namespace}/${subject.name}`;
  return oneLine(`${subject.kind} ${name}`);
}

const SEVERITY_ORDER: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** Errors first, then by code, subject and text: the order of a report does not depend on the order of the input. */
export const compareDiagnostics: (a: Diagnostic, b: Diagnostic) => number = compareBy<Diagnostic>(
  (d) => SEVERITY_ORDER[d.severity],
  (d) => d.code,
  (d) => d.subject?.namespace ?? '',
  (d) => d.subject?.name ?? '',
  (d) => d.subject?.kind ?? '',
  (d) => (d.location === undefined ? '' : printLocation(d.location)),
  (d) => d.message,
);

/** Sorted, each said once (both families may find the same thing). */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sorted = [...diagnostics].sort(compareDiagnostics);
  return sorted.filter((d, i) => {
    const before = sorted[i - 1];
    return before === undefined || compareDiagnostics(before, d) !== 0;
  });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
