import assert from 'node:assert/strict';
import { untilFree } from '../../../src/host/cleanup/until-free.ts';

describe('untilFree', () => {
  it('tries again until the kernel has let go', async () => {
    let tries = 0;
    await untilFree(true)(async () => ++tries === 3);
    assert.equal(tries, 3);
  });

  it('gives up at once if it is not to wait', async () => {
    let tries = 0;
    const never = async (): Promise<boolean> => {
      tries += 1;
      return false;
    };
    await assert.rejects(untilFree(false)(never), /something still refers to it/);
    assert.equal(tries, 1);
  });
});
