import { hasErrors } from '../../core/diag/diagnostic.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { renderTrace } from './render-trace.ts';
import { reportInput } from './show-plan.ts';
import type { TraceFlags } from './trace-flags.ts';
import { readTraceInput } from './trace-input.ts';

/** Follows a packet through the rules of a dump, and prints what becomes of it; then what was wrong with the input. */
export async function runTrace(flags: TraceFlags, paths: readonly string[]): Promise<number> {
  const input = await readTraceInput(flags, paths);
  if (input.rules.sources.length === 0) {
    await reportInput(input.diagnostics, '', flags);
    return 1;
  }
  let note = '';
  try {
    const rendered = renderTrace(input, flags, paint(wantsColor(flags.color, process.stdout)));
    ({ note } = rendered);
    await writeOut(rendered.text);
  } finally {
    // What is missing changes the answer, so that it is told with -q too.
    if (flags.quiet === true) await writeErr(note.replace(/^note:/, 'warning:'));
    await reportInput(input.diagnostics, note, flags);
  }
  return hasErrors(input.diagnostics) ? 1 : 0;
}
