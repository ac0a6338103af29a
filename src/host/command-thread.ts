// Both ends of a thread that runs one command and writes its standard input, while the process around it computes. The thread's program is
// this very file, or what it was bundled into.
import { isMainThread, parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import type { CommandFailure, CommandOptions, CommandResult } from './exec.ts';
import { PieceFeed } from './piece-feed.ts';

/** What is sent to a thread, or from it, as it is: no functions, no signals. */
type SentOptions = Omit<CommandOptions, 'input' | 'signal' | 'onOutput'>;

interface Task {
  readonly kind: 'chainsmith-command';
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SentOptions;
}

type ToThread =
  { readonly kind: 'piece'; readonly text: string } | { readonly kind: 'end' } | { readonly kind: 'abort' };

export type ThreadOutcome =
  | { readonly kind: 'result'; readonly result: CommandResult }
  | { readonly kind: 'failure'; readonly failure: CommandFailure };

/** Starts the thread at once. Rejects only if the thread itself comes to grief. */
export async function runInThread(
  command: string,
  args: readonly string[],
  { input, signal, onOutput, ...options }: CommandOptions & { readonly input: PieceFeed },
): Promise<ThreadOutcome> {
  if (onOutput !== undefined) throw new Error('a thread hands its output on as a whole');
  const task: Task = { kind: 'chainsmith-command', command, args, options };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
  const send = (message: ToThread): void => worker.postMessage(message);
  input.forward((text) => send(text === undefined ? { kind: 'end' } : { kind: 'piece', text }));
  const abort = (): void => send({ kind: 'abort' });
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<ThreadOutcome>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error(`the thread of ${command} ended without a word`)));
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    void worker.terminate();
  }
}

async function serve(port: MessagePort, { command, args, options }: Task): Promise<void> {
  const input = new PieceFeed();
  const abort = new AbortController();
  port.on('message', (message: ToThread) => {
    if (message.kind === 'piece') input.write(message.text);
    else input.end();
    if (message.kind === 'abort') abort.abort();
  });
  port.postMessage(await outcomeOf(command, args, { ...options, input: input.pieces(), signal: abort.signal }));
  port.close();
}

async function outcomeOf(command: string, args: readonly string[], options: CommandOptions): Promise<ThreadOutcome> {
  const { CommandFailed, hostRunner } = await import('./exec.ts');
  try {
    return { kind: 'result', result: await hostRunner.run(command, args, options) };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const { exitCode, signal, timedOut, notFound, stdout, stderr } = error;
    const failure = { command, args, exitCode, signal, timedOut, notFound, stdout, stderr };
    return { kind: 'failure', failure };
  }
}

function isTask(data: unknown): data is Task {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'chainsmith-command';
}

// Not awaited: what it imports waits for this module.
if (!isMainThread && parentPort !== null && isTask(workerData)) void serve(parentPort, workerData);
