import { CommandFailed, type CommandOptions, type CommandResult, type CommandRunner } from '../../../src/host/exec.ts';

/** Standard output, or how the command fails. */
export type Answer = string | { readonly exitCode: number; readonly stderr: string };

export const NO_FILE: Answer = { exitCode: 1, stderr: 'cat: No such file or directory\n' };

/** Answers commands by their lines, in whatever order they come, and remembers them. A command without an answer is a failed test. */
export class FakeNode implements CommandRunner {
  readonly lines: string[] = [];
  readonly #answers: Readonly<Record<string, Answer>>;
  readonly #installed: readonly string[];

  constructor(answers: Readonly<Record<string, Answer>>, installed: readonly string[]) {
    this.#answers = answers;
    this.#installed = installed;
  }

  async run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const line = [command, ...args].join(' ');
    if (options.input !== undefined && typeof options.input !== 'string') for await (const _ of options.input);
    this.lines.push(line);
    const answer = this.#answers[line];
    if (answer === undefined) throw new Error(`no answer to: ${line}`);
    if (typeof answer === 'string') return { exitCode: 0, stdout: answer, stderr: '', durationMs: 0 };
    const { exitCode, stderr } = answer;
    const how = { signal: undefined, timedOut: false, notFound: false };
    throw new CommandFailed({ command, args, exitCode, stderr, stdout: '', ...how });
  }

  async which(command: string): Promise<string | undefined> {
    return this.#installed.includes(command) ? `/usr/sbin/${command}` : undefined;
  }
}
