import { printSubject, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { printLocation } from '../../core/diag/source-location.ts';

/** What `diagnostics.txt` of a case holds where there is nothing to say. */
const NO_DIAGNOSTICS = '# no diagnostics\n';

/** What `diagnostics.txt` of a case holds: one line each, and what belongs to it indented: place, excerpt, hint. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return NO_DIAGNOSTICS;
  return diagnostics
    .map(({ severity, code, subject, message, location, hint }) => {
      const who = subject === undefined ? '' : `${printSubject(subject)}: `;
      const more = [
        ...(location === undefined ? [] : [`at ${printLocation(location)}`]),
        ...(location?.excerpt?.split('\n') ?? []),
        ...(hint === undefined ? [] : [`hint: ${hint}`]),
      ];
      return [`${severity} ${code}: ${who}${message}`, ...more.map((line) => `    ${line}`), ''].join('\n');
    })
    .join('');
}
