import { createInterface } from 'node:readline/promises';

/** Whether there is somebody to ask: both ends of the conversation are a terminal, and --yes was not given. */
export function canAsk({ yes = false }: { readonly yes?: boolean }): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on the terminal; only `yes` or `y` is a yes. The question goes to standard error: standard output is data. */
export async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const abort = new AbortController();
    terminal.on('SIGINT', () => abort.abort());
    terminal.on('close', () => abort.abort());
    const answer = await terminal.question(`${question} Only "yes" is a yes: `, { signal: abort.signal });
    return ['yes', 'y'].includes(answer.trim().toLowerCase());
  } catch {
    process.stderr.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
