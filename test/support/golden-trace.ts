/** Cases of golden/trace: a dump, a command line, and what `chainsmith trace` prints for it, as text and as JSON. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readTraceInput } from '../../src/cli/commands/trace-input.ts';
import { addTraceCommand } from '../../src/cli/commands/trace-command.ts';
import type { TraceFlags } from '../../src/cli/commands/trace-flags.ts';
import { renderTrace } from '../../src/cli/commands/render-trace.ts';
import { addGlobalOptions } from '../../src/cli/options/global-options.ts';
import { paint } from '../../src/cli/output/colors.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';
import { caseIo } from './case-io.ts';

export const TRACE_INPUTS: readonly string[] = [
  'README.md',
  'command.txt',
  'rules.txt',
  'rules6.txt',
  'sets.txt',
  'servers.txt',
  'cluster.yaml',
];
export const TRACE_PRODUCED: readonly string[] = ['trace.txt', 'trace.json', 'diagnostics.txt'];

interface Line {
  readonly flags: TraceFlags;
  readonly dumps: readonly string[];
}

/** `chainsmith trace rules.txt --from ...`, words kept apart by blanks, read by the command's own options. */
function readLine(text: string): Line {
  const [program, command, ...words] = text.trim().split(/\s+/);
  if (program !== 'chainsmith' || command !== 'trace') throw new Error(`${text.trim()} is no chainsmith trace`);
  const root = addGlobalOptions(new Command('chainsmith')).exitOverride();
  addTraceCommand(root);
  const [self] = root.commands;
  if (self === undefined) throw new Error('there is no command trace');
  let dumps: readonly string[] = [];
  self.exitOverride().action((given: readonly string[]) => {
    dumps = given;
  });
  root.parse(['trace', ...words], { from: 'user' });
  return { flags: self.optsWithGlobals<TraceFlags>(), dumps };
}

export async function produceTrace(folder: string): Promise<ReadonlyMap<string, string>> {
  const { flags, dumps } = readLine(readFileSync(join(folder, 'command.txt'), 'utf8'));
  const input = await readTraceInput(flags, dumps, caseIo(folder));
  const text = renderTrace(input, { ...flags, output: 'text' }, paint(false)).shown;
  const json = renderTrace(input, { ...flags, output: 'json' }, paint(false)).shown;
  assert.ok(typeof text === 'string');
  return new Map([
    ['trace.txt', text],
    ['trace.json', `${JSON.stringify(json, undefined, 2)}\n`],
    ['diagnostics.txt', diagnosticsText(input.diagnostics)],
  ]);
}
