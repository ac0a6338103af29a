// A plan from the first write to the last: the way back is stored first, so that it can be undone even if this process is killed.
import type { Plan } from '../../core/plan/plan.ts';
import { ApplyFailed } from './apply-failed.ts';
import { applyPlan, type ApplyContext, type Verify } from './apply-plan.ts';
import type { Observation } from './observe.ts';
import type { StateFile, StoredState } from './state-file.ts';
import { wayBack, writtenChainsHash } from './way-back.ts';

/**
 * Applies, verifies, and keeps the way back. It is made and written while the tests run; nothing is committed before it is on disk. Rejects
 * with ApplyFailed.
 */
export async function carryOut(plan: Plan, state: StateFile, context: ApplyContext, verify: Verify): Promise<void> {
  let document = '';
  const store = async (): Promise<void> => {
    document = JSON.stringify(wayBack(plan, context.variant));
    await state.writePending(document);
  };
  try {
    const read = await applyPlan(plan, { ...context, store }, verify);
    await state.keepPending(document, hashesOf(read, plan));
  } catch (error) {
    if (error instanceof ApplyFailed && error.outcome.kind !== 'not-restored') await state.dropPending();
    throw error;
  }
}

function hashesOf(read: readonly Observation[], plan: Plan): StoredState['fingerprint'] {
  const entries = read.flatMap(({ family, saved }): (readonly [string, string])[] => {
    const changed = plan.families.find((f) => f.family === family);
    return changed === undefined ? [] : [[family, writtenChainsHash(changed, saved)]];
  });
  return Object.fromEntries(entries);
}
