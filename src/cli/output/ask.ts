import { createInterface } from 'node:readline/promises';
import { Interrupted } from '../../host/iptables/apply-failed.ts';

/** Whether there is somebody to ask: both ends of the conversation are a terminal, and --yes was not given. */
export function canAsk({ yes = false }: { readonly yes?: boolean }): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks on the terminal; only `yes` is a yes. The question goes to standard error: standard output is data. Ctrl-C, and `signal`, reject with
 * Interrupted.
 */
export async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const abort = new AbortController();
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
    abort.abort();
  };
  try {
    terminal.on('SIGINT', interrupt);
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    terminal.on('close', () => abort.abort());
    const asked = terminal.question(`${question} Only "yes" is a yes: `, { signal: abort.signal });
    const answer = await asked.catch(() => undefined);
    if (answer === undefined) process.stderr.write('\n');
    if (isInterrupted) throw new Interrupted();
    return answer?.trim() === 'yes';
  } finally {
    signal.removeEventListener('abort', interrupt);
    terminal.close();
  }
}
