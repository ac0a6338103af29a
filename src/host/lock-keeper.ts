import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommandRunner } from './exec.ts';
import type { HeldLock } from './process-lock.ts';

/**
 * Lets commands share the lock under which they run: a restore that this process has started and that outlives it must be over before the
 * next one takes the lock.
 */
export class LockKeeper {
  #lock: HeldLock | undefined;

  /** Whatever is started until the work is done has the lock too. Gives it back then. */
  async during<T>(lock: HeldLock, work: () => Promise<T>): Promise<T> {
    this.#lock = lock;
    try {
      return await work();
    } finally {
      this.#lock = undefined;
      // What was asked for in this turn has its process then, and in it a copy of the descriptor that is closed here.
      await nextTurn();
      await lock.release();
    }
  }

  /** The same runner for commands that keep the lock. */
  runner(inner: CommandRunner): CommandRunner {
    return {
      run: async (command, args, options) => {
        const keepsOpen = this.#lock === undefined ? [] : [this.#lock.fd];
        return await inner.run(command, args, { ...options, keepsOpen });
      },
      which: async (command) => await inner.which(command),
    };
  }
}
