// The one place where chainsmith starts another program. Everything above it takes a CommandRunner, so that tests can hand in
// the scripted one and `netns.ts` can hand in one whose commands run inside a namespace.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runInThread } from './command-thread.ts';
import { PieceFeed } from './piece-feed.ts';

export interface CommandOptions {
  /**
   * Written to the command's standard input, which is empty otherwise (never the terminal's). Pieces are written as they come; if they
   * end with an error, the input ends there, and the command's own end decides.
   */
  readonly input?: string | Iterable<string> | AsyncIterable<string>;
  /** Standard output goes nowhere; `stdout` is empty then. */
  readonly discardOutput?: boolean;
  /** Called with standard output as it comes, in pieces that may end anywhere; `stdout` has what was not handed on, mostly nothing. It must not throw, and may keep the bytes. */
  readonly onOutput?: (bytes: Uint8Array) => void;
  readonly environment?: Readonly<Record<string, string>>;
  /** Aborted: the command gets SIGTERM. */
  readonly signal?: AbortSignal;
  /** Ctrl-C on the terminal does not reach the command, and it survives this process. For what must not be torn in the middle. */
  readonly ownProcessGroup?: boolean;
  /** Open files of this process, from 3 on, that the command has too, as 3, 4 and so on, and leaves to what it starts. */
  readonly keepsOpen?: readonly number[];
  /** After this the command gets SIGTERM, five seconds later SIGKILL, and the run fails with `timedOut`. */
  readonly timeoutMs?: number;
  /** Exit codes that are answers, not failures: `iptables -C` says 1 for "no such rule". Default: only 0. */
  readonly okExitCodes?: readonly number[];
}

export interface CommandResult {
  readonly exitCode: number;
  /** As the command wrote it, final newline included. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface CommandRunner {
  /** Resolves when the command ended with an accepted exit code; rejects with CommandFailed for everything else. */
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** The path of an executable, or undefined when there is none. */
  which(command: string): Promise<string | undefined>;
}

export interface CommandFailure {
  readonly command: string;
  readonly args: readonly string[];
  /** Absent when the command did not start or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
  /** There is no such executable. */
  readonly notFound: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program failed, was ended, took too long, or does not exist: which of these, the fields say. */
export class CommandFailed extends Error implements CommandFailure {
  override readonly name = 'CommandFailed';
  readonly command: string;
  readonly args: readonly string[];
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
  readonly notFound: boolean;
  readonly stdout: string;
  readonly stderr: string;

  constructor(failure: CommandFailure, options?: ErrorOptions) {
    super(describeFailure(failure), options);
    this.command = failure.command;
    this.args = failure.args;
    this.exitCode = failure.exitCode;
    this.signal = failure.signal;
    this.timedOut = failure.timedOut;
    this.notFound = failure.notFound;
    this.stdout = failure.stdout;
    this.stderr = failure.stderr;
  }
}

function describeFailure(failure: CommandFailure): string {
  const shown = [failure.command, ...failure.args].join(' ');
  const words = failure.stderr.trim();
  return `${shown}: ${failureReason(failure)}${words === '' ? '' : `: ${words}`}`;
}

function failureReason(failure: CommandFailure): string {
  if (failure.notFound) return 'no such command';
  if (failure.timedOut) return 'took too long';
  if (failure.signal !== undefined) return `ended by ${failure.signal}`;
  return failure.exitCode === undefined ? 'did not start' : `exit code ${failure.exitCode}`;
}

/** iptables, ip and ipset live in these, which `su` and cron leave out of PATH on Debian. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

function searchPath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(delimiter);
}

/** Characters. Rules of 10,000 Services with 10 endpoints each are 33 million. */
const MAX_OUTPUT = 1_000_000_000;

async function* untilError(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  try {
    for await (const piece of pieces) yield piece;
  } catch {
    // The command sees the end of its input.
  }
}

/** execa is loaded at the first command: it costs 50 ms and more, and most runs of chainsmith start no program. */
async function runWithExeca(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { execa } = await import('execa');
  const { input = '', timeoutMs, signal, environment, onOutput } = options;
  const stdout = options.discardOutput === true ? 'ignore' : 'pipe';
  const kept = (options.keepsOpen ?? []).filter(isExtra);
  const running = execa(command, args, {
    ...(typeof input === 'string' ? { input } : {}),
    stdio: [typeof input === 'string' ? 'pipe' : untilError(input), stdout, 'pipe', ...kept],
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    detached: options.ownProcessGroup === true,
    env: { ...environment, PATH: searchPath() },
    maxBuffer: MAX_OUTPUT,
    ...(onOutput === undefined ? {} : { buffer: { stdout: false } }),
    reject: false,
    stripFinalNewline: false,
  });
  if (onOutput !== undefined) running.stdout?.on('data', onOutput);
  const result = await running;
  const { exitCode, durationMs } = result;
  const said = { stdout: textOf(result.stdout), stderr: textOf(result.stderr) };
  const accepted = options.okExitCodes ?? [0];
  if (exitCode !== undefined && !result.timedOut && accepted.includes(exitCode)) {
    return { exitCode, ...said, durationMs };
  }
  throw new CommandFailed(
    {
      command,
      args,
      exitCode,
      signal: result.signal,
      timedOut: result.timedOut,
      notFound: result.code === 'ENOENT',
      ...said,
    },
    { cause: result.cause },
  );
}

/** Not one of the three standard streams. The types of execa know small descriptors only; Node takes any. */
function isExtra(fd: number): fd is 3 {
  return fd > 2;
}

/** Undefined for what is discarded. */
function textOf(output: unknown): string {
  return typeof output === 'string' ? output : '';
}

async function findExecutable(command: string): Promise<string | undefined> {
  const candidates = command.includes('/')
    ? [command]
    : searchPath()
        .split(delimiter)
        .map((folder) => join(folder, command));
  for (const path of candidates) {
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
}

async function runFed(
  command: string,
  args: readonly string[],
  options: CommandOptions & { readonly input: PieceFeed },
): Promise<CommandResult> {
  const outcome = await runInThread(command, args, options);
  if (outcome.kind === 'result') return outcome.result;
  throw new CommandFailed(outcome.failure);
}

/** Runs programs of this machine, as this user, in this process's namespaces. A PieceFeed is written by a thread of its own. */
export const hostRunner: CommandRunner = {
  run: async (command, args, options = {}) => {
    const { input } = options;
    if (input instanceof PieceFeed) return await runFed(command, args, { ...options, input });
    return await runWithExeca(command, args, options);
  },
  which: async (command) => await findExecutable(command),
};

/** The same runner, with a limit for every command that is given none of its own. */
export function withTimeout(runner: CommandRunner, timeoutMs: number): CommandRunner {
  return {
    run: async (command, args, options) => await runner.run(command, args, { timeoutMs, ...options }),
    which: async (command) => await runner.which(command),
  };
}

/** The same runner, with every command in a process group of its own: see `CommandOptions.ownProcessGroup`. */
export function withOwnProcessGroups(runner: CommandRunner): CommandRunner {
  return {
    run: async (command, args, options) => await runner.run(command, args, { ...options, ownProcessGroup: true }),
    which: async (command) => await runner.which(command),
  };
}
