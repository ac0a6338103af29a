// A lock that one process of this machine can hold. It is a flock(2) on a file that only root can open, so it is the same in every network
// namespace, and nobody else can take it. The kernel ties it to the opened file, not to the process: commands that are given the open file
// keep the lock as long as they run, also after the process that took it was killed; with the last of them it is gone, however they ended.
import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, hostRunner } from './exec.ts';
import { HostError, messageOf } from './host-error.ts';
import { makeFolder } from './make-folder.ts';
import { describeErrno } from './sources/errno.ts';

export interface LockOptions {
  readonly seconds: number;
  /** Called again and again while it has to wait, with who holds it: `another chainsmith (process 17)`. */
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HeldLock {
  /** Who has this file open has the lock: for `CommandOptions.keepsOpen`. */
  readonly fd: number;
  /** Gives this process's share back; commands that are still running keep theirs. */
  readonly release: () => Promise<void>;
}

const POLL_MS = 100;

/**
 * Takes the lock that a file stands for. The file is made if it is missing, in a folder of this user's alone, and stays. Rejects with a
 * HostError when the seconds are over, and with the signal's reason when that is aborted.
 */
export async function takeLock(path: string, options: LockOptions): Promise<HeldLock> {
  const end = performance.now() + options.seconds * 1000;
  options.signal?.throwIfAborted();
  const file = await openLockFile(path);
  try {
    while (!(await tryLock(file.fd, path))) {
      const holder = await holderOf(path);
      options.signal?.throwIfAborted();
      const left = end - performance.now();
      if (left <= 0) {
        const advice = 'wait longer with --lock-timeout SECONDS';
        throw new HostError(`${holder} is at work on this node`, { advice });
      }
      options.onWait?.(holder);
      await sleep(Math.min(POLL_MS, left));
      options.signal?.throwIfAborted();
    }
    await writeHolder(file, String(process.pid));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { fd: file.fd, release: async () => await file.close() };
}

async function openLockFile(path: string): Promise<FileHandle> {
  try {
    await makeFolder(dirname(path), 0o700);
    await refuseForeignFolder(dirname(path));
    return await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    if (error instanceof HostError) throw error;
    const { code, text } = describeErrno(error);
    const advice = code === 'EACCES' || code === 'EPERM' ? 'run chainsmith as root' : undefined;
    throw new HostError(`the lock ${path} cannot be taken: ${text}`, { advice, cause: error });
  }
}

/** Whoever can write the folder can take the file away from below the lock. */
async function refuseForeignFolder(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder);
  if (uid !== process.geteuid?.()) {
    const advice = uid === 0 ? 'run chainsmith as root' : undefined;
    throw new HostError(`the lock cannot be in ${folder}: it belongs to another user`, { advice });
  }
  if ((mode & 0o022) === 0) return;
  throw new HostError(`the lock cannot be in ${folder}: other users can write there`, {
    advice: `chmod go-w ${folder}`,
  });
}

/** flock(1) locks the file as it was opened here, so that what it has taken stays with this process. False if somebody else has it. */
async function tryLock(fd: number, path: string): Promise<boolean> {
  try {
    const { exitCode } = await hostRunner.run('flock', ['-n', '3'], {
      keepsOpen: [fd],
      okExitCodes: [0, 1],
      ownProcessGroup: true,
    });
    return exitCode === 0;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const advice = error.notFound ? 'install util-linux; flock is part of it' : undefined;
    throw new HostError(`the lock ${path} cannot be taken: ${messageOf(error)}`, { advice, cause: error });
  }
}

async function writeHolder(file: FileHandle, text: string): Promise<void> {
  try {
    await file.truncate();
    await file.write(text, 0);
  } catch {
    // No room on the file system: the lock is held without it, and only its holder stays unnamed.
  }
}

async function holderOf(path: string): Promise<string> {
  const text = await readHolder(path);
  if (!/^[1-9]\d*$/.test(text)) return 'another chainsmith (process unknown)';
  return isAlive(Number(text))
    ? `another chainsmith (process ${text})`
    : `a command that another chainsmith (process ${text}) left behind`;
}

async function readHolder(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) return '';
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return describeErrno(error).code === 'EPERM';
  }
}
