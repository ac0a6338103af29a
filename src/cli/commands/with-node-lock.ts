import { takeLock } from '../../host/process-lock.ts';
import { progressLine } from '../output/progress-line.ts';
import type { OpenNode } from './open-node.ts';

/** Root's alone, empty after a boot, and the same from inside and outside of a network namespace. */
const LOCK_FOLDER = '/run/chainsmith';

/**
 * One chainsmith at a time writes into a network namespace. Waits with a line on the terminal that names the other process. The node's
 * commands share the lock, so that none of them can outlive it.
 */
export async function withNodeLock<T>(
  node: OpenNode,
  { quiet, signal }: { readonly quiet: boolean | undefined; readonly signal: AbortSignal },
  run: () => Promise<T>,
): Promise<T> {
  const line = progressLine(process.stderr, '', quiet !== true);
  const lock = await takeLock(`${LOCK_FOLDER}/${node.namespace.identity}.lock`, {
    seconds: node.lockSeconds,
    signal,
    onWait: (holder) => line.say(`waiting for ${holder}`),
  }).finally(line.end);
  return await node.lockKeeper.during(lock, run);
}
