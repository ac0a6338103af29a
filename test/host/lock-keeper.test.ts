import assert from 'node:assert/strict';
import type { CommandOptions, CommandRunner } from '../../src/host/exec.ts';
import { LockKeeper } from '../../src/host/lock-keeper.ts';

function recorder(): { readonly runner: CommandRunner; readonly given: (CommandOptions | undefined)[] } {
  const given: (CommandOptions | undefined)[] = [];
  const runner: CommandRunner = {
    run: async (_command, _args, options) => {
      given.push(options);
      return { exitCode: 0, stdout: '', stderr: '', durationMs: 0 };
    },
    which: async (command) => `/bin/${command}`,
  };
  return { runner, given };
}

describe('LockKeeper', () => {
  it('shares the lock with what is started while it is held, and gives it back then', async () => {
    const { runner, given } = recorder();
    const keeper = new LockKeeper();
    const sharing = keeper.runner(runner);
    let released = 0;
    const release = async (): Promise<void> => void (released += 1);
    await sharing.run('before', []);
    const value = await keeper.during({ fd: 17, release }, async () => {
      await sharing.run('inside', [], { timeoutMs: 5 });
      assert.equal(released, 0);
      return 'done';
    });
    await sharing.run('after', []);
    assert.equal(value, 'done');
    assert.equal(released, 1);
    assert.deepEqual(given, [{ keepsOpen: [] }, { timeoutMs: 5, keepsOpen: [17] }, { keepsOpen: [] }]);
    assert.equal(await sharing.which('ip'), '/bin/ip');
  });

  it('gives it back when the work fails', async () => {
    let released = 0;
    const release = async (): Promise<void> => void (released += 1);
    const work = async (): Promise<never> => {
      throw new Error('no');
    };
    await assert.rejects(new LockKeeper().during({ fd: 3, release }, work), /no/);
    assert.equal(released, 1);
  });
});
