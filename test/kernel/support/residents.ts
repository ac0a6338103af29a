// Processes that run chainsmith again and again: its start and the first compilation of its code take most of the time of a run. For what goes
// wrong around it; where chainsmith is to die of it, `runChainsmith` starts a process for that run alone.
import { fork, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HANGS_MS, type ChainsmithRun } from './run-chainsmith.ts';

/** A run's arguments, and variables besides those of the tests. */
export interface ResidentJob {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  /** What would keep a process from ending. */
  readonly left: string;
}

/** Stands in both streams behind what a run has said. */
export const END_MARK = '\0end of this run\0\n';

const PROGRAM = fileURLToPath(new URL('./resident-process.js', import.meta.url));

/** As many as run at once, each started when none is idle. */
export class Residents {
  readonly #execArgv: readonly string[];
  readonly #idle: Resident[] = [];

  /** @param execArgv arguments of Node itself */
  constructor(execArgv: readonly string[] = []) {
    this.#execArgv = execArgv;
  }

  async run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<ChainsmithRun> {
    const resident = this.#idle.pop() ?? new Resident(this.#execArgv);
    try {
      const ended = await resident.run({ args, environment });
      if (resident.isRunning) this.#idle.push(resident);
      return ended;
    } catch (error) {
      resident.end();
      throw error;
    }
  }

  /** Ends all that are idle. */
  end(): void {
    for (const resident of this.#idle.splice(0)) resident.end();
  }
}

class Resident {
  readonly #child: ChildProcess;
  readonly #out: Said;
  readonly #err: Said;
  readonly #ended: Promise<Pick<ChainsmithRun, 'status' | 'signal'>>;

  constructor(execArgv: readonly string[]) {
    const env = { ...process.env, NO_COLOR: '1' };
    this.#child = fork(PROGRAM, [], { execArgv: [...execArgv], env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('a resident has no output');
    [this.#out, this.#err] = [new Said(stdout), new Said(stderr)];
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject).on('close', (status, signal) => {
        resolve({ status: status ?? undefined, signal: signal ?? undefined });
      });
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async run(job: ResidentJob): Promise<ChainsmithRun> {
    let hung = false;
    const watch = setTimeout(() => {
      hung = true;
      this.#child.kill('SIGKILL');
    }, HANGS_MS);
    const answered = new Promise<Answer>((resolve) => this.#child.once('message', (answer: Answer) => resolve(answer)));
    const said = Promise.all([answered, this.#out.untilMark(), this.#err.untilMark()]);
    this.#child.send(job);
    const first = await Promise.race([said, this.#ended]);
    clearTimeout(watch);
    if (hung) throw new Error(`chainsmith does not end; it has said: ${this.#err.take()}`);
    if (!Array.isArray(first)) return { ...first, out: this.#out.take(), err: this.#err.take() };
    const [{ status, left }, out, err] = first;
    if (left !== '') throw new Error(`chainsmith would not end, because of ${left}; it has said: ${err}`);
    return { status, signal: undefined, out, err };
  }
}

/** What comes from one stream. */
class Said {
  #text = '';
  #look: () => void = () => {};

  constructor(stream: Readable) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
      this.#look();
    });
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  async untilMark(): Promise<string> {
    return await new Promise((resolve) => {
      this.#look = () => {
        if (this.#text.endsWith(END_MARK)) resolve(this.take().slice(0, -END_MARK.length));
      };
    });
  }
}
