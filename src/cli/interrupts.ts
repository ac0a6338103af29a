import { writeErr } from './output/streams.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell shows for a command that Ctrl-C ended: 128 + SIGINT. */
export const INTERRUPTED_STATUS = 130;

/** Runs something that must not be torn in the middle: a signal aborts it where it can stop, and else is only said. */
export async function guardInterrupts<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const onSignal = (name: string): void => {
    abort.abort();
    void writeErr(`\n${name}: stopping as soon as the node has all of the old rules or all of the new ones\n`);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await run(abort.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
