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
