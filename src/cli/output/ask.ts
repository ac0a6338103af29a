import { createInterface } from 'node:readline/promises';

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
