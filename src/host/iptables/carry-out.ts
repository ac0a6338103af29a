// A plan from the first write to the last: the way back is stored first, so that it can be undone even if this process is killed.
import { planDocumentData, type PlanDocumentData } from '../../core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { joinWaysBack } from '../../core/plan/join-ways-back.ts';
import { chainNames, missingTargets, namesAfter } from '../../core/plan/missing-targets.ts';
import type { FamilyPlan, Plan } from '../../core/plan/plan.ts';
import { ApplyFailed } from './apply-failed.ts';
import { applyPlan, type ApplyContext, type Verify } from './apply-plan.ts';
import { readKilled } from './killed-apply.ts';
import type { Observation } from './observe.ts';
import type { StateFile } from './state-file.ts';
import { storedFingerprint } from './stored-fingerprint.ts';
import { plannedChainsHash, wayBack } from './way-back.ts';

/**
 * Applies, verifies, and keeps the way back. It is made and written while the tests run; nothing is committed before it is on disk. Where an
 * apply before this one was killed, the way back leads to what was there before that one. `whileTesting` is called once as well while the
 * tests run, and nothing is committed before it has resolved. Rejects with ApplyFailed.
 */
export async function carryOut(
  plan: Plan,
  state: StateFile,
  context: ApplyContext,
  verify: Verify,
  whileTesting: () => Promise<void> = async () => {},
): Promise<void> {
  const killed = await readKilled(state, context.variant);
  let document = '';
  let written = plan;
  const store = async (): Promise<void> => {
    await whileTesting();
    let back = wayBack(plan, context.variant);
    const both = killed === undefined ? undefined : joinWaysBack(killed.plan, planOf(back));
    // Where somebody has changed the node since it was killed, the two may not fit together: then this apply's own way is the way.
    if (both !== undefined && isPassable(both, plan, context.observed)) {
      back = planDocumentData({ variant: context.variant, plan: both, fingerprint: {}, summaries: [] });
      written = both;
    }
    document = JSON.stringify(back);
    await state.writePending(document);
  };
  const planned = new Map<FamilyPlan, string>();
  const whileLoading = (): void => {
    context.whileLoading?.();
    for (const family of written.families) planned.set(family, plannedChainsHash(family));
  };
  try {
    // The fingerprint is of the chains of both applies, so both are to be read back, however little is left to do.
    const observed = killed === undefined ? context.observed : [];
    const read = await applyPlan(plan, { ...context, observed, store, whileLoading }, verify);
    const families = [...read.families, ...context.observed.filter(isNotIn(read.families))];
    await state.keepPending(
      document,
      storedFingerprint({ families, ipvs: read.ipvs ?? context.ipvs?.state }, written, planned),
    );
  } catch (error) {
    if (error instanceof ApplyFailed && error.outcome.kind !== 'not-restored') {
      // Where not even this can be written, what stays leads to the same place, and the error is the one that counts.
      await (killed === undefined ? state.dropPending() : state.writePending(killed.document)).catch(() => {});
    }
    throw error;
  }
}

function planOf(data: PlanDocumentData): Plan {
  const { document, diagnostics } = readPlanDocument(data);
  if (document === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return document.plan;
}

/** Whether a way back can be carried out on a node that had `observed`, and now has what `plan` says. */
function isPassable(back: Plan, plan: Plan, observed: readonly Observation[]): boolean {
  return back.families.every((family) => {
    const found = observed.find((one) => one.family === family.family)?.saved ?? { tables: [] };
    const done = plan.families.find((one) => one.family === family.family);
    const names = chainNames(found);
    return missingTargets(family, done === undefined ? names : namesAfter(done, names)).length === 0;
  });
}

/** What an apply leaves alone is as it was found. */
function isNotIn(families: readonly Observation[]): (one: Observation) => boolean {
  return ({ family }) => families.every((other) => other.family !== family);
}
