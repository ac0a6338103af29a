import { ApplyFailed, Interrupted } from '../host/iptables/apply-failed.ts';
import { writeErr } from './output/streams.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell shows for a command that Ctrl-C ended: 128 + SIGINT. */
export const INTERRUPTED_STATUS = 130;

/** Runs something that must not be torn in the middle: a signal aborts it where it can stop, and else is only said. */
export async function guardInterrupts(run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const abort = new AbortController();
  const onSignal = (name: string): void => {
    abort.abort();
    void writeErr(`\n${name}: stopping as soon as the node has all of the old rules or all of the new ones\n`);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await run(abort.signal);
  } catch (error) {
    if (!isInterrupted(error, abort.signal)) throw error;
    await writeErr('interrupted: nothing was changed\n');
    return INTERRUPTED_STATUS;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

/** By the abort itself, while waiting for a lock, or by what the abort was answered with. */
function isInterrupted(error: unknown, signal: AbortSignal): boolean {
  const cause = error instanceof ApplyFailed ? error.cause : error;
  return cause instanceof Interrupted || (signal.aborted && error === signal.reason);
}
