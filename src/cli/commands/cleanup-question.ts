import { createInterface } from 'node:readline';

/** Whether a person is there to read the question and to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Ctrl-C and the end of the input are a no. */
export async function askYes(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return await new Promise((resolve) => {
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => resolve(false));
    lines.question(question, (answer) => {
      resolve(answer.trim() === 'yes');
      lines.close();
    });
  });
}
