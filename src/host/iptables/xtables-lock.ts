import { readFile, stat } from 'node:fs/promises';

const LOCK_FILE = '/run/xtables.lock';

/** `name (process N)` of another program that holds the lock of iptables-legacy; undefined if none does, or nothing tells. */
export async function xtablesLockHolder(
  own: number = process.pid,
  lockFile: string = LOCK_FILE,
): Promise<string | undefined> {
  try {
    const { ino } = await stat(lockFile);
    const locks = await readFile('/proc/locks', 'utf8');
    // `1: FLOCK  ADVISORY  WRITE 4711 00:1a:1234 0 EOF`; a line with `->` is of one that waits.
    const line = new RegExp(`^\\d+: FLOCK +ADVISORY +WRITE (\\d+) \\w+:\\w+:${ino} `, 'm');
    const pid = line.exec(locks)?.[1];
    if (pid === undefined || (await parentOf(pid)) === String(own)) return undefined;
    return `${(await readFile(`/proc/${pid}/comm`, 'utf8')).trim()} (process ${pid})`;
  } catch {
    return undefined;
  }
}

async function parentOf(pid: string): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which is in brackets and may hold anything: state, then the parent's id.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[1];
}
