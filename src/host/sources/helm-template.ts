import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { positionAt } from '../../core/diag/source-location.ts';
import { excerptAt } from './excerpt-at.ts';

/** For a text that could not be read: a diagnostic if it is an unrendered template, whatever the reader stumbled over. */
export function helmDiagnostic(text: string, file: string, firstLine: number = 1): Diagnostic | undefined {
  const offset = text.indexOf('{{');
  if (offset === -1) return undefined;
  const { line: row, column } = positionAt(text, offset);
  const line = firstLine + row - 1;
  return diagnose('helm-template', {
    message: 'a Helm template that was not rendered',
    location: { file, line, column, excerpt: excerptAt(text, row, column, line) },
    hint: 'helm template RELEASE CHART | chainsmith compile -f -',
  });
}
