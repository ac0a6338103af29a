import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '../host-error.ts';

const POLL_MS = 50;
const PATIENCE_MS = 5000;

/**
 * Removes what rules referred to. The kernel frees the rules of an nft transaction a moment after it has said that they are gone, and what
 * they refer to is in use until then. All removals together wait no longer than five seconds.
 *
 * @param patient false: nothing is waited for
 */
export function untilFree(patient: boolean): (remove: () => Promise<boolean>) => Promise<void> {
  let patience = patient ? PATIENCE_MS : 0;
  return async (remove) => {
    for (let start = performance.now(); !(await remove()); start = performance.now()) {
      if (patience <= 0) throw new HostError('something still refers to it');
      await sleep(POLL_MS);
      patience -= performance.now() - start;
    }
  };
}
