import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { binary } from '../../cli/run-cli.ts';

const PATIENCE_MS = 30_000;

/** chainsmith on a terminal of its own, which script(1) makes, with somebody who types. */
export class Terminal {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #pidFile: string;
  readonly #ended: Promise<unknown[]>;
  #said = '';

  /** @param folder for files of its own */
  constructor(args: readonly string[], folder: string) {
    this.#pidFile = join(folder, 'pid');
    const words = [process.execPath, binary, ...args].map((word) => `'${word}'`).join(' ');
    this.#child = spawn('script', ['-qefc', `echo $$ >'${this.#pidFile}'; exec ${words}`, '/dev/null'], {
      env: { ...process.env, NO_COLOR: '1', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (piece: string) => (this.#said += piece.replaceAll('\r', '')));
    this.#ended = once(this.#child, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.#ended.catch(() => {});
  }

  get said(): string {
    return this.#said;
  }

  /** Until it has said this. */
  async hears(pattern: RegExp): Promise<void> {
    const late = Date.now() + PATIENCE_MS;
    while (!pattern.test(this.#said)) {
      if (Date.now() > late || this.#child.exitCode !== null) throw new Error(`${pattern} was not said: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** To chainsmith, not to its terminal. */
  signal(name: NodeJS.Signals): void {
    process.kill(Number(readFileSync(this.#pidFile, 'utf8')), name);
  }

  /** Its status when it has ended; it fails if it does not. */
  async ends(): Promise<number> {
    try {
      const [status] = await this.#ended;
      return Number(status);
    } catch (error) {
      this.signal('SIGKILL');
      throw new Error(`chainsmith did not end; it has said: ${this.#said}`, { cause: error });
    }
  }
}
