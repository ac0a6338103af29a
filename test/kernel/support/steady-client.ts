import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../../../scripts/lab/lab.ts';

const PROGRAM = fileURLToPath(new URL('udp-asker.js', import.meta.url));

/** Asks over UDP from one port, again and again, as a DNS resolver may. */
export class SteadyClient {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor(lab: Lab, from: string, host: string, port: number) {
    const command = ['netns', 'exec', lab.namespaceOf(from), process.execPath, PROGRAM, host, String(port)];
    this.#process = spawn('ip', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The name of the server, `refused` or `silence`. */
  async ask(): Promise<string> {
    this.#process.stdin.write('ask\n');
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('the client has ended');
    return value;
  }

  end(): void {
    this.#process.stdin.end();
  }
}
