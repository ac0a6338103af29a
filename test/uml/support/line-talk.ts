// Connections that stay open, between hosts of the laboratory.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SERVER_PORT } from '../../../scripts/lab/addresses.ts';
import type { Lab } from '../../../scripts/lab/lab.ts';
import type { LineRequest } from './line-client.ts';

function start(lab: Lab, host: string, program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const command = ['netns', 'exec', lab.namespaceOf(host), process.execPath, file, ...args];
  const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.pipe(process.stderr);
  return child;
}

/** Resolves when it listens. Removing the laboratory ends it. */
export async function startLineServer(lab: Lab, host: string): Promise<void> {
  const server = start(lab, host, 'line-server.js', [host, String(SERVER_PORT)]);
  await once(server.stdout, 'data');
}

/** How long what works may take. */
const PATIENCE_MS = 20_000;

/** On one host. */
export class LineClient {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #opened = 0;

  constructor(lab: Lab, host: string) {
    this.#process = start(lab, host, 'line-client.js', []);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves to what `say` and `reset` call it. */
  async open(host: string, port: number): Promise<string> {
    const id = String(this.#opened++);
    const answer = await this.#ask({ kind: 'open', id, host, port });
    if (answer !== 'open') throw new Error(answer);
    return id;
  }

  /** Resolves to what comes back: the name of the server and the line, `closed`, or `nothing`. */
  async say(id: string, line: string): Promise<string> {
    return await this.#ask({ kind: 'say', id, line, patienceMs: PATIENCE_MS });
  }

  /** Ends it at once. */
  async reset(id: string): Promise<void> {
    await this.#ask({ kind: 'reset', id });
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'close');
    this.#process.stdin.end();
    await ended;
  }

  async #ask(request: LineRequest): Promise<string> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error(`the client ended at ${JSON.stringify(request)}`);
    return value;
  }
}
