import type { DiagnosticCode } from '../../diag/codes.ts';
import type { Found } from './finding.ts';
import type { LintContext } from './lint-context.ts';

/** What was noticed when the snapshot was read, as findings; both families may have noticed the same. */
export function foundByReader({ snapshot }: LintContext, code: DiagnosticCode): readonly Found[] {
  const byMessage = new Map<string, Found>();
  for (const diagnostic of snapshot?.diagnostics ?? []) {
    if (diagnostic.code !== code) continue;
    const { subject } = diagnostic;
    const name = subject?.kind === 'Service' ? `${subject.namespace ?? ''}/${subject.name}` : undefined;
    const who =
      subject !== undefined && name === undefined ? `${subject.kind} ${subject.namespace ?? ''}/${subject.name}: ` : '';
    byMessage.set(diagnostic.message, { message: `${who}${diagnostic.message}`, service: name });
  }
  return [...byMessage.values()];
}
