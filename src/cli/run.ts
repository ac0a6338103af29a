import { CommanderError } from 'commander';
import { refuseUnknownCommand } from './commands/refuse-unknown-command.ts';
import { printFailure } from './output/print-failure.ts';
import { refuseFlagsAsValues } from './options/refuse-flags-as-values.ts';
import { guardStreams, writeErr } from './output/streams.ts';
import { buildProgram } from './program.ts';

/** Runs one command line; the result is the exit status. Never throws, and never ends the process: output must get out first. */
export async function run(args: readonly string[], version: string): Promise<number> {
  guardStreams();
  try {
    const program = buildProgram(args, version);
    // What the shell scripts of `chainsmith completion` call; not a command for people.
    if (args[0] === 'complete' && args[1] === '--') {
      const { answerCompletion } = await import('./commands/complete.ts');
      answerCompletion(program, args.slice(2));
      return 0;
    }
    refuseFlagsAsValues(program, args);
    // By a program of its own: options that were parsed once would be there twice.
    refuseUnknownCommand(buildProgram(args, version), args);
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has printed its message already, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    await writeErr(printFailure(error, args.includes('-v') || args.includes('--verbose')));
    return 1;
  }
}
