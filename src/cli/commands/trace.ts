import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UNREAD_TRACE } from '../output/trace-document.ts';
import { renderTrace } from './render-trace.ts';
import { reportInput } from './show-plan.ts';
import type { TraceFlags } from './trace-flags.ts';
import { readTraceInput } from './trace-input.ts';

/** Follows a packet through the rules of a dump, and prints what becomes of it; then what was wrong with the input. */
export async function runTrace(flags: TraceFlags, paths: readonly string[]): Promise<number> {
  const input = await readTraceInput(flags, paths);
  if (input.rules.sources.length === 0) {
    if (flags.output === 'json') await writeOut(documentText(UNREAD_TRACE, input.diagnostics));
    await reportInput(input.diagnostics, '', flags);
    return 1;
  }
  let note = '';
  try {
    const rendered = renderTrace(input, flags, paint(wantsColor(flags.color, process.stdout)));
    ({ note } = rendered);
    const { shown } = rendered;
    await writeOut(typeof shown === 'string' ? shown : documentText(shown, input.diagnostics));
  } finally {
    // What is missing changes the answer, so that it is told with -q too.
    if (flags.quiet === true) await writeErr(note.replace(/^note:/, 'warning:'));
    await reportInput(input.diagnostics, note, flags);
  }
  return hasErrors(input.diagnostics) ? 1 : 0;
}

function documentText(document: object, diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ ...document, diagnostics }, undefined, 2)}\n`;
}
