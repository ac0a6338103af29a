import { CommandFailed } from '../host/exec.ts';
import { HostError } from '../host/host-error.ts';
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
    if (!isInterrupted(error, abort.signal)) throw writing.has(abort.signal) ? error : sayingUnchanged(error);
    await writeErr('interrupted: nothing was changed\n');
    return INTERRUPTED_STATUS;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

const SAYS_SO = /nothing was (?:changed|removed)/i;

/** What fails before the first write has changed nothing: whoever is not told would have to look. An apply says what it has left. */
function sayingUnchanged(error: unknown): unknown {
  if (error instanceof ApplyFailed || !(error instanceof HostError || error instanceof CommandFailed)) return error;
  const { details, advice } = error instanceof HostError ? error : { details: [], advice: undefined };
  if ([error.message, ...details].some((text) => SAYS_SO.test(text))) return error;
  return new HostError(error.message, { details: [...details, 'Nothing was changed.'], advice, cause: error });
}

/** Guarded runs that may have written something. */
const writing = new WeakSet<AbortSignal>();

/** To be called before the first write of a guarded run: from here on a failure that does not say so is not one that changed nothing. */
export function writesFromHere(signal: AbortSignal): void {
  writing.add(signal);
}

/**
 * By the abort itself, while waiting for a lock; by what the abort was answered with; or by what failed after it, when a service manager
 * ended the commands as well, say, and nothing was written.
 */
function isInterrupted(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof Interrupted || (error instanceof ApplyFailed && error.cause instanceof Interrupted)) return true;
  if (!signal.aborted) return false;
  if (error === signal.reason) return true;
  if (error instanceof ApplyFailed) return error.outcome.kind === 'unchanged';
  return !writing.has(signal) && (error instanceof HostError || error instanceof CommandFailed);
}
