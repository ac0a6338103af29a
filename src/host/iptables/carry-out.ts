// A plan from the first write to the last: what it replaces is stored first, so that it can be undone even if this process is killed.
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { invertPlan } from '../../core/plan/invert-change.ts';
import type { ChainChange, Plan } from '../../core/plan/plan.ts';
import { applyPlan, type ApplyContext, type Verify } from './apply-plan.ts';
import { ApplyFailed } from './apply-failed.ts';
import type { Observation } from './observe.ts';
import type { StateFile } from './state-file.ts';

/** What the state file holds of an apply. */
export interface AppliedPlan {
  readonly variant: string;
  /** The way back. Of chains that are to go only the name: they go whatever is in them. */
  readonly back: Plan;
  /** Of each changed family after the apply; none while it has not ended. */
  readonly fingerprints: { readonly [family: string]: string };
}

/** Applies, verifies, and keeps the way back. Rejects with ApplyFailed, or with a HostError if the state cannot be stored. */
export async function carryOut(plan: Plan, state: StateFile, context: ApplyContext, verify: Verify): Promise<void> {
  const back = slim(invertPlan(plan, 'undo'));
  const applied = { variant: context.variant, back, fingerprints: {} } satisfies AppliedPlan;
  await state.writePending(applied);
  try {
    const read = await applyPlan(plan, context, verify);
    await state.keepPending({ ...applied, fingerprints: fingerprintsOf(read) } satisfies AppliedPlan);
  } catch (error) {
    if (error instanceof ApplyFailed && error.outcome.kind !== 'not-restored') await state.dropPending();
    throw error;
  }
}

function fingerprintsOf(read: readonly Observation[]): AppliedPlan['fingerprints'] {
  return Object.fromEntries(read.map(({ family, saved }) => [family, fingerprint(saved)]));
}

function slim(plan: Plan): Plan {
  return { ...plan, families: plan.families.map((family) => ({ ...family, changes: family.changes.map(slimChange) })) };
}

function slimChange(change: ChainChange): ChainChange {
  switch (change.kind) {
    case 'delete-chain':
    case 'replace-chain':
      return { ...change, previous: { rules: '' } };
    case 'create-chain':
    case 'edit-chain':
      return change;
  }
}
