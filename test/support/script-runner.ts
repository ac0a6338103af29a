import type { CommandOptions, CommandResult, CommandRunner } from '../../src/host/exec.ts';

/**
 * Collects commands, and runs them all as one shell script, which stops at the first that fails; from then on it runs each by itself. For
 * long set-ups whose output nobody reads, where a process that Node starts takes ten times as long as one that a shell starts.
 */
export class ScriptRunner implements CommandRunner {
  readonly #runner: CommandRunner;
  #script: string[] | undefined = ['set -euo pipefail'];

  constructor(runner: CommandRunner) {
    this.#runner = runner;
  }

  async run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    if (this.#script === undefined) return await this.#runner.run(command, args, options);
    const { input = '' } = options;
    if (typeof input !== 'string') throw new Error(`${command}: only a text can be the input of a collected command`);
    const line = [command, ...args].map(quoted).join(' ');
    this.#script.push(input === '' ? `${line} </dev/null` : `printf %s ${quoted(input)} | ${line}`);
    return { exitCode: 0, stdout: '', stderr: '', durationMs: 0 };
  }

  async which(command: string): Promise<string | undefined> {
    return await this.#runner.which(command);
  }

  /** Runs what was collected. */
  async flush(timeoutMs: number): Promise<void> {
    const script = this.#script ?? [];
    this.#script = undefined;
    await this.#runner.run('bash', ['-s'], { input: `${script.join('\n')}\n`, timeoutMs });
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
