import assert from 'node:assert/strict';
import { HostError } from '../../src/host/host-error.ts';
import { takeLock } from '../../src/host/process-lock.ts';

let locks = 0;
/** Abstract names are the machine's, so each test has its own. */
function lockName(): string {
  locks += 1;
  return `test/${process.pid}/${locks}`;
}

describe('takeLock', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('gives the lock to one at a time', async () => {
    const name = lockName();
    const release = await takeLock(name, { seconds: 0 });
    await assert.rejects(
      takeLock(name, { seconds: 0 }),
      (error) => error instanceof HostError && error.message.includes(`process ${process.pid}`),
    );
    await release();
    await (
      await takeLock(name, { seconds: 0 })
    )();
  });

  it('keeps locks of other names apart', async () => {
    const [first, second] = [await takeLock(lockName(), { seconds: 0 }), await takeLock(lockName(), { seconds: 0 })];
    await first();
    await second();
  });

  it('waits, and says for whom', async () => {
    const name = lockName();
    const release = await takeLock(name, { seconds: 0 });
    const holders: string[] = [];
    const second = takeLock(name, {
      seconds: 30,
      onWait: (holder) => {
        holders.push(holder);
        if (holders.length === 2) void release();
      },
    });
    await (
      await second
    )();
    assert.deepEqual(holders.slice(0, 2), [String(process.pid), String(process.pid)]);
  });

  it('stops waiting when it is told to', async () => {
    const name = lockName();
    const release = await takeLock(name, { seconds: 0 });
    const abort = new AbortController();
    const waiting = takeLock(name, { seconds: 30, signal: abort.signal, onWait: () => abort.abort() });
    await assert.rejects(waiting, (error) => error === abort.signal.reason);
    await release();
  });
});
