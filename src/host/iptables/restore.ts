// iptables-restore as a process that reads its rules at once and waits for a word before it may commit them: until its first COMMIT it does
// what --test does, and a table that it cannot read it does not commit either.
import type { IpFamily } from '../../core/model/ip.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { COMMIT, type PayloadPieces } from './payload-pieces.ts';
import { RestoreRejected } from './restore-rejected.ts';
import { toolsOf, type Variant } from './tools.ts';

export interface RestoreOptions {
  readonly timeoutMs: number;
  /** Seconds to wait for the xtables lock. iptables-nft has none, and ignores it. */
  readonly lockSeconds: number;
}

export interface RestoreJob {
  readonly variant: Variant;
  readonly family: IpFamily;
  readonly payload: PayloadPieces;
  /** Commands that list what was written, which the restore itself reads behind its last COMMIT. */
  readonly listing?: string | undefined;
}

export function restoreArguments({ lockSeconds }: RestoreOptions): readonly string[] {
  return ['--noflush', '--counters', '-w', String(lockSeconds)];
}

/**
 * Checks every line with the tool itself, without changing anything. A test takes the xtables lock as well, and would wait for the restore
 * that waits for it: so it is given a lock file of its own (iptables 1.8.6 and newer look at the variable).
 */
export async function testRestore(runner: CommandRunner, job: RestoreJob, options: RestoreOptions): Promise<void> {
  const { restore } = toolsOf(job.variant, job.family);
  await throwingRejected(job.family, piecesOf(job), async () => {
    await runner.run(restore, ['--test', ...restoreArguments(options)], {
      input: job.payload,
      timeoutMs: options.timeoutMs,
      environment: { XTABLES_LOCKFILE: '/dev/null' },
      discardOutput: true,
      ownProcessGroup: true,
    });
  });
}

/** iptables-nft needs no lock; iptables-legacy can be given another one for the test since 1.8.6. */
export async function canTestBesideRestore(runner: CommandRunner, variant: Variant): Promise<boolean> {
  if (variant === 'nft') return true;
  try {
    const { stdout } = await runner.run(toolsOf('legacy', 'ipv4').restore, ['--version']);
    const [major = 0, minor = 0, patch = 0] = (/v(\d+)\.(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
    return major > 1 || (major === 1 && (minor > 8 || (minor === 8 && patch >= 6)));
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

/** A restore that has been started and holds back its first COMMIT. */
export interface HeldRestore {
  /** Lets it commit; resolves when it has, to what it listed then; rejects with RestoreRejected. */
  commit(): Promise<string>;
  /** Ends it without a commit; resolves when it is gone. Does nothing after `commit`. */
  abandon(): Promise<void>;
}

export function startRestore(runner: CommandRunner, job: RestoreJob, options: RestoreOptions): HeldRestore {
  const gate = new Gate();
  const abort = new AbortController();
  const running = throwingRejected(job.family, piecesOf(job), async () => {
    const { stdout } = await runner.run(toolsOf(job.variant, job.family).restore, restoreArguments(options), {
      input: held(job, gate),
      timeoutMs: options.timeoutMs,
      discardOutput: job.listing === undefined,
      ownProcessGroup: true,
      signal: abort.signal,
    });
    return stdout;
  });
  // Whoever commits or abandons looks at it; until then a failure must not count as unhandled.
  running.catch(() => {});
  return {
    commit: async () => {
      gate.open();
      return await running;
    },
    abandon: async () => {
      if (gate.isOpen) return;
      gate.close();
      abort.abort();
      await running.catch(() => {});
    },
  };
}

async function* held({ payload, listing }: RestoreJob, gate: Gate): AsyncGenerator<string> {
  for (const piece of payload) {
    if (piece === COMMIT) await gate.opened;
    yield piece;
  }
  if (listing !== undefined) yield listing;
}

class Gate {
  readonly opened: Promise<void>;
  isOpen = false;
  #resolve: () => void = () => {};
  #reject: (reason: Error) => void = () => {};

  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.opened.catch(() => {});
  }

  open(): void {
    this.isOpen = true;
    this.#resolve();
  }

  close(): void {
    this.#reject(new Error('abandoned'));
  }
}

function piecesOf({ payload, listing = '' }: RestoreJob): () => readonly string[] {
  return () => [...payload, listing];
}

/** Runs a restore tool; what it says about a line is shown with the lines around it. */
export async function throwingRejected<T>(
  family: IpFamily,
  payload: () => readonly string[],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof CommandFailed ? new RestoreRejected(error, family, payload()) : error;
  }
}
