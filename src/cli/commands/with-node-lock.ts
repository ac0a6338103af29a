import { takeLock } from '../../host/process-lock.ts';
import { progressLine } from '../output/progress-line.ts';
import type { OpenNode } from './open-node.ts';

/** One chainsmith at a time writes into a network namespace. Waits with a line on the terminal that names the other process. */
export async function withNodeLock<T>(
  node: OpenNode,
  { quiet, signal }: { readonly quiet: boolean | undefined; readonly signal: AbortSignal },
  run: () => Promise<T>,
): Promise<T> {
  const line = progressLine(process.stderr, '', quiet !== true);
  const release = await takeLock(`apply/${node.namespace.id}`, {
    seconds: node.lockSeconds,
    signal,
    onWait: (holder) => line.say(`waiting for another chainsmith, process ${holder}`),
  }).finally(line.end);
  try {
    return await run();
  } finally {
    await release();
  }
}
