import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from './host-error.ts';

export interface LockOptions {
  readonly seconds: number;
  /** Called again and again while it has to wait, with the process that holds it. */
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 100;

/**
 * Takes a lock that one process of this machine (and of its network namespace) can hold, and resolves to what gives it back. It is a socket
 * with an abstract name (unix(7)): the kernel takes it back when the process ends, however it ends, so there are no stale locks.
 */
export async function takeLock(name: string, options: LockOptions): Promise<() => Promise<void>> {
  const address = `\0chainsmith/${name}`;
  for (let waited = 0; ; waited += POLL_MS) {
    options.signal?.throwIfAborted();
    const server = await listen(address);
    if (server !== undefined) return async () => await close(server);
    const holder = await holderOf(address);
    if (waited >= options.seconds * 1000) {
      throw new HostError(`another chainsmith (process ${holder}) is at work on this node`, {
        advice: 'wait longer with --lock-timeout SECONDS',
      });
    }
    options.onWait?.(holder);
    await sleep(POLL_MS);
  }
}

/** Undefined if somebody else has the name. */
async function listen(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid));
  });
  try {
    server.listen(address);
    await once(server, 'listening');
    // The lock alone must not keep the process alive.
    server.unref();
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** The holder answers every connection with its process id. */
async function holderOf(address: string): Promise<string> {
  const socket = connect(address);
  socket.setTimeout(1000, () => socket.destroy());
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => (text += part));
  await once(socket, 'close').catch(() => {});
  return /^\d+$/.test(text) ? text : 'unknown';
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
