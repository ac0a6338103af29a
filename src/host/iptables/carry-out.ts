// A plan from the first write to the last: what it replaces is stored first, so that it can be undone even if this process is killed.
import { planDocumentData, type PlanDocument, type PlanDocumentData } from '../../core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { invertPlan } from '../../core/plan/invert-change.ts';
import { joinWaysBack } from '../../core/plan/join-ways-back.ts';
import type { ChainChange, Plan } from '../../core/plan/plan.ts';
import type { SavedRules, SavedTable } from '../../core/ruleset/saved-rules.ts';
import { applyPlan, type ApplyContext, type Verify } from './apply-plan.ts';
import { ApplyFailed } from './apply-failed.ts';
import type { Observation } from './observe.ts';
import type { StateFile } from './state-file.ts';

/**
 * Applies, verifies, and keeps the way back as a plan document. Of chains that are to go it has the name alone: they go whatever is in them.
 * Its fingerprints are those of the changed chains after the apply; a pending one has none.
 *
 * Where an apply before it was killed, the way back leads to what was there before that one.
 *
 * Rejects with ApplyFailed, or with a HostError if the state cannot be stored.
 */
export async function carryOut(plan: Plan, state: StateFile, context: ApplyContext, verify: Verify): Promise<void> {
  const older = await readKilled(state, context);
  const own = slim(invertPlan(plan, 'undo'));
  const back = older === undefined ? own : joinWaysBack(older.plan, own);
  const document = (print: PlanDocument['fingerprint']): PlanDocumentData =>
    planDocumentData({ variant: context.variant, plan: back, fingerprint: print, summaries: [] });
  await state.writePending(document({}));
  try {
    const read = await applyPlan(plan, context, verify);
    await state.keepPending(document(fingerprintsOf(read, plan)));
  } catch (error) {
    if (error instanceof ApplyFailed && error.outcome.kind !== 'not-restored') {
      // If the killed one's cannot be written again, the joined one stays, which leads to the same place.
      if (older === undefined) await state.dropPending();
      else await state.writePending(planDocumentData(older)).catch(() => {});
    }
    throw error;
  }
}

/** The way back of an apply that was killed. */
async function readKilled(state: StateFile, { variant }: ApplyContext): Promise<PlanDocument | undefined> {
  const stored = await state.readPending();
  const document = stored === undefined ? undefined : readPlanDocument(stored.document, { file: stored.path }).document;
  return document?.variant === variant ? document : undefined;
}

function fingerprintsOf(read: readonly Observation[], plan: Plan): PlanDocument['fingerprint'] {
  return Object.fromEntries(
    read.map(({ family, saved }) => {
      const changes = plan.families.find((f) => f.family === family)?.changes ?? [];
      return [family, fingerprint(onlyChanged(saved, changes))];
    }),
  );
}

/** The chains that the changes write as a whole: into the others somebody else may write as well. */
export function onlyChanged(saved: SavedRules, changes: readonly ChainChange[]): SavedRules {
  const whole = changes.filter(({ kind }) => kind !== 'edit-chain');
  const tables = saved.tables.map(({ name, chains }): SavedTable => {
    const found = whole.flatMap(({ table, chain }) => (table === name ? (chains.get(chain) ?? []) : []));
    return { name, chains: new Map(found.map((chain) => [chain.name, chain])) };
  });
  return { tables };
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
