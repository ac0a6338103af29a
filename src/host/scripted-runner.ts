// A CommandRunner that plays a script instead of starting programs: each expected command in turn, with the standard input it
// must get and the answer it gives. What the script does not expect fails at once, and `assertFinished` fails on what never came.
import { CommandFailed, type CommandOptions, type CommandResult, type CommandRunner } from './exec.ts';

export interface ScriptedCommand {
  /** Command and arguments, joined by one blank. */
  readonly line: string;
  /** What the command must get on its standard input; not looked at when absent. */
  readonly input?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Default 0. */
  readonly exitCode?: number;
}

async function textOf(input: CommandOptions['input']): Promise<string> {
  if (input === undefined || typeof input === 'string') return input ?? '(none)';
  const pieces: string[] = [];
  for await (const piece of input) pieces.push(piece);
  return pieces.join('');
}

/** Hands standard output on, a few bytes at a time, where it is wanted so; what is left for the result. */
function said(stdout: string, { onOutput }: CommandOptions): string {
  if (onOutput === undefined) return stdout;
  const bytes = Buffer.from(stdout);
  for (let at = 0; at < bytes.length; at += 7) onOutput(bytes.subarray(at, at + 7));
  return '';
}

export class ScriptedRunner implements CommandRunner {
  readonly #script: ScriptedCommand[];
  readonly #installed: readonly string[];

  /** `installed` are the commands that `which` finds. */
  constructor(script: readonly ScriptedCommand[], installed: readonly string[] = []) {
    this.#script = [...script];
    this.#installed = installed;
  }

  async run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const line = [command, ...args].join(' ');
    const expected = this.#script.shift();
    if (expected?.line !== line) {
      throw new Error(`unexpected command: ${line}\n  the script has: ${expected?.line ?? '(its end)'}`);
    }
    const input = await textOf(options.input);
    if (expected.input !== undefined && expected.input !== input) {
      throw new Error(`${line}: expected the input\n${expected.input}\nbut it got\n${input}`);
    }
    const { stderr = '', exitCode = 0 } = expected;
    const stdout = said(expected.stdout ?? '', options);
    if ((options.okExitCodes ?? [0]).includes(exitCode)) return { exitCode, stdout, stderr, durationMs: 0 };
    throw new CommandFailed({
      command,
      args,
      exitCode,
      signal: undefined,
      timedOut: false,
      notFound: false,
      stdout,
      stderr,
    });
  }

  async which(command: string): Promise<string | undefined> {
    return this.#installed.includes(command) ? `/usr/sbin/${command}` : undefined;
  }

  /** Throws when commands of the script were never run. */
  assertFinished(): void {
    const left = this.#script.map((expected) => expected.line);
    if (left.length > 0) throw new Error(`never run:\n  ${left.join('\n  ')}`);
  }
}
