import { C_LOCALE } from './c-locale.ts';
import { commandAdvice } from './command-advice.ts';
import { CommandFailed, type CommandRunner } from './exec.ts';
import { HostError } from './host-error.ts';

/** A file of /proc in the network namespace of the runner; undefined if the kernel has none. */
export async function readProcFile(runner: CommandRunner, path: string): Promise<string | undefined> {
  try {
    return (await runner.run('cat', [path], { environment: C_LOCALE })).stdout;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    // nsenter(1) says the same words where there is no cat(1).
    if (/^cat: .*No such file or directory$/m.test(error.stderr)) return undefined;
    throw new HostError(`${path} cannot be read: ${error.message}`, {
      advice: commandAdvice(error),
      cause: error,
    });
  }
}
