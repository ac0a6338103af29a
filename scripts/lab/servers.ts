import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SERVER_PORT } from './addresses.ts';
import type { Lab } from './lab.ts';

const SERVER = fileURLToPath(new URL('echo-server.js', import.meta.url));

export interface ServerOptions {
  /** Default: the name of the host. */
  readonly name?: string;
  readonly port?: number;
  /** Outlives this process; removing the laboratory ends it. */
  readonly stay?: boolean;
}

/** Starts an echo server on a host of the laboratory, and resolves when it listens. It ends with this process at the latest. */
export async function startServer(lab: Lab, host: string, options: ServerOptions = {}): Promise<void> {
  const { name = host, port = SERVER_PORT, stay = false } = options;
  const command = [process.execPath, SERVER, name, String(port), ...(stay ? ['--stay'] : [])];
  // Its own process group: Ctrl-C must not end it before its namespace's removal does.
  const server = spawn('ip', ['netns', 'exec', lab.namespaceOf(host), ...command], {
    stdio: ['pipe', 'pipe', stay ? 'ignore' : 'inherit'],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    server.stdout.once('data', () => resolve());
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`the echo server on ${host} ended with status ${code ?? 'none'}`)));
  });
  // Nothing here may keep this process alive: not the child, not the pipes to it.
  server.unref();
  for (const pipe of [server.stdin, server.stdout]) {
    if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  }
}

/** Starts one on each host. */
export async function startServers(lab: Lab, hosts: readonly string[], options: ServerOptions = {}): Promise<void> {
  await Promise.all(hosts.map((host) => startServer(lab, host, options)));
}
