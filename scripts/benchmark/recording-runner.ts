import type { CommandRunner } from '../../src/host/exec.ts';

interface Run {
  readonly line: string;
  readonly start: number;
  readonly end: number;
}

/** A runner that keeps when each command ran. */
export class RecordingRunner implements CommandRunner {
  readonly #inner: CommandRunner;
  readonly runs: Run[] = [];

  constructor(inner: CommandRunner) {
    this.#inner = inner;
  }

  run: CommandRunner['run'] = async (command, args, options) => {
    const start = performance.now();
    try {
      return await this.#inner.run(command, args, options);
    } finally {
      this.runs.push({ line: [command, ...args].join(' '), start, end: performance.now() });
    }
  };

  which: CommandRunner['which'] = async (command) => await this.#inner.which(command);

  /** Milliseconds in which at least one command ran. */
  busy(): number {
    let busy = 0;
    let until = 0;
    for (const { start, end } of [...this.runs].sort((a, b) => a.start - b.start)) {
      busy += Math.max(0, end - Math.max(start, until));
      until = Math.max(until, end);
    }
    return busy;
  }

  /** Milliseconds of the restores that were committed, one after the other. */
  restoring(): number {
    return this.runs
      .filter(({ line }) => line.includes('-restore --noflush --counters'))
      .reduce((sum, { start, end }) => sum + end - start, 0);
  }
}
