import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { CommandFailed, type CommandOptions, type CommandResult, type CommandRunner } from '../../src/host/exec.ts';

/**
 * Runs commands one after the other by a shell that stays: a process that Node starts, whose memory is large, takes longer than one that a
 * small shell starts, three times in User Mode Linux. What is to be fed bit by bit or ended early is run by the runner behind. Limits of time are the caller's.
 */
export class ShellRunner implements CommandRunner {
  readonly #behind: CommandRunner;
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;
  readonly #folder: string;
  readonly #answers: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();

  /** @param shell a command that reads a script of sh(1) @param folder for its input and output: best in memory */
  constructor(behind: CommandRunner, [command, ...args]: readonly [string, ...string[]], folder: string) {
    this.#behind = behind;
    this.#folder = mkdtempSync(join(folder, 'chainsmith-shell-'));
    // What the shell itself cannot do, as opening a file, stands in our standard error; commands have an end of their own.
    this.#shell = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#shell.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number | undefined {
    return this.#shell.pid;
  }

  async run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const { input = '', signal } = options;
    if (signal !== undefined || !(typeof input === 'string' || Symbol.iterator in input)) {
      return await this.#behind.run(command, args, options);
    }
    const text = typeof input === 'string' ? input : [...input].join('');
    const running = this.#last.then(async () => await this.#run([command, ...args], text, options));
    this.#last = running.catch(() => {});
    return await running;
  }

  async #run(words: readonly string[], input: string, options: CommandOptions): Promise<CommandResult> {
    const start = performance.now();
    const file = (name: string): string => join(this.#folder, name);
    const { discardOutput = false, environment = {}, okExitCodes = [0], onOutput } = options;
    if (input !== '') writeFileSync(file('in'), input);
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
    const [from, to] = [input === '' ? '/dev/null' : file('in'), discardOutput ? '/dev/null' : file('out')];
    const line = [...settings, ...words.map(quoted)].join(' ');
    this.#shell.stdin.write(`${line} <${quoted(from)} >${quoted(to)} 2>${quoted(file('err'))}; echo $?\n`);
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(`the shell ended at ${line}`);
    const exitCode = Number(answer.value);
    const stderr = readFileSync(file('err'), 'utf8');
    const output = discardOutput ? '' : readFileSync(file('out'), 'utf8');
    if (onOutput !== undefined) onOutput(Buffer.from(output));
    const stdout = onOutput === undefined ? output : '';
    const durationMs = performance.now() - start;
    if (okExitCodes.includes(exitCode)) return { exitCode, stdout, stderr, durationMs };
    const [command = '', ...args] = words;
    const why = { signal: undefined, timedOut: false, notFound: exitCode === 127 };
    throw new CommandFailed({ command, args, exitCode, ...why, stdout, stderr });
  }

  async which(command: string): Promise<string | undefined> {
    return await this.#behind.which(command);
  }

  /** When all has run that was asked for. */
  async close(): Promise<void> {
    await this.#last;
    const ended = once(this.#shell, 'close');
    this.#shell.stdin.end();
    await ended;
    rmSync(this.#folder, { recursive: true });
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
