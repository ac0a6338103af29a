import type { RuleSource } from '../../core/ruleset/rule-source.ts';
import type { Paint } from '../output/colors.ts';
import { printTrace } from '../output/print-trace.ts';
import { traceDocument } from '../output/trace-document.ts';
import { followPacket } from './follow-packet.ts';
import type { TraceFlags } from './trace-flags.ts';
import type { TraceInput } from './trace-input.ts';

export interface RenderedTrace {
  /** For standard output: the text for people, or the document of `-o json` without its diagnostics. */
  readonly shown: string | object;
  /** A line for people; empty if there is nothing to say. */
  readonly note: string;
}

/** Follows the packet that the options describe, and prints its way. Throws a UsageError if there can be none. */
export function renderTrace(input: TraceInput, flags: TraceFlags, paint: Paint): RenderedTrace {
  const { trace, source, title, names } = followPacket(input, flags);
  const { explain = false, verbose = false, output } = flags;
  const note = missingNote(source);
  if (output === 'json') {
    const direction = flags.reply === true ? 'reply' : 'original';
    return { shown: traceDocument(trace, { direction, explain }), note };
  }
  return { shown: printTrace(trace, { title, explain, verbose, paint, names }), note };
}

/** A part of a dump can make a packet seem to pass untouched. */
function missingNote(source: RuleSource): string {
  const missing = [
    ['nat', 'PREROUTING'],
    ['filter', 'FORWARD'],
  ].filter(([table = '', chain = '']) => source.chain(table, chain) === undefined);
  const names = missing.map(([table, chain]) => `${table} ${chain}`);
  return names.length === 0 ? '' : `note: the dump has no ${names.join(' and no ')}; it is taken for empty\n`;
}
