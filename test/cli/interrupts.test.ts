import assert from 'node:assert/strict';
import { once } from 'node:events';
import { guardInterrupts, INTERRUPTED_STATUS, writesFromHere } from '../../src/cli/interrupts.ts';
import { HostError } from '../../src/host/host-error.ts';
import { ApplyFailed, type Outcome } from '../../src/host/iptables/apply-failed.ts';

/** Ends a guarded run with an error, after a signal to this process. */
async function failAfterSignal(errorOf: (signal: AbortSignal) => Error): Promise<number> {
  return await guardInterrupts(async (signal) => {
    process.kill(process.pid, 'SIGINT');
    await once(signal, 'abort');
    throw errorOf(signal);
  });
}

const failed = (outcome: Outcome): ApplyFailed => new ApplyFailed(new HostError('why'), outcome);

describe('guardInterrupts', () => {
  it('is an interruption when the apply fails after the signal and nothing was changed', async () => {
    assert.equal(await failAfterSignal(() => failed({ kind: 'unchanged' })), INTERRUPTED_STATUS);
    assert.equal(
      await failAfterSignal((signal) => {
        writesFromHere(signal);
        return failed({ kind: 'unchanged' });
      }),
      INTERRUPTED_STATUS,
    );
  });

  it('is an interruption when something of the machine fails after the signal and before the first write', async () => {
    assert.equal(await failAfterSignal(() => new HostError('ended by SIGTERM')), INTERRUPTED_STATUS);
  });

  it('is a failure when something was written', async () => {
    const written = (signal: AbortSignal): Error => {
      writesFromHere(signal);
      return new HostError('why');
    };
    await assert.rejects(failAfterSignal(written), /why/);
    for (const outcome of [{ kind: 'restored' }, { kind: 'not-restored', why: '' }] satisfies Outcome[]) {
      await assert.rejects(
        failAfterSignal(() => failed(outcome)),
        ApplyFailed,
      );
    }
  });

  it('says that nothing was changed where that is so, once, and not where it is not', async () => {
    const textsOf = async (error: Error, writes: boolean): Promise<readonly string[]> => {
      const run = guardInterrupts(async (signal) => {
        if (writes) writesFromHere(signal);
        throw error;
      });
      const thrown: unknown = await run.catch((found: unknown) => found);
      assert.ok(thrown instanceof HostError);
      return [thrown.message, ...thrown.details, thrown.advice ?? ''];
    };
    const error = new HostError('why', { details: ['more'], advice: 'do that' });
    assert.deepEqual(await textsOf(error, false), ['why', 'more', 'Nothing was changed.', 'do that']);
    assert.deepEqual(await textsOf(error, true), ['why', 'more', 'do that']);
    const saysSo = new HostError('why; nothing was changed');
    assert.deepEqual(await textsOf(saysSo, false), ['why; nothing was changed', '']);
  });

  it('is a failure without a signal, and a bug stays one', async () => {
    const fail = async (): Promise<number> => {
      throw new HostError('why');
    };
    await assert.rejects(guardInterrupts(fail), /why/);
    await assert.rejects(
      failAfterSignal(() => new TypeError('bug')),
      TypeError,
    );
  });
});
