import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { remainingIpvs } from '../../core/plan/ipvs/compare-ipvs.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { CommandRunner } from '../exec.ts';
import { readSysctl } from '../sysctl.ts';
import { inEffect, type Applied } from './apply-plan.ts';
import type { StateFile } from './state-file.ts';
import { storedFingerprint } from './stored-fingerprint.ts';
import type { Variant } from './tools.ts';

/** What is left of an apply that was killed. */
export interface KilledApply {
  /** Its way back. */
  readonly plan: Plan;
  /** The same as JSON. */
  readonly document: string;
}

export async function readKilled(state: StateFile, variant: Variant): Promise<KilledApply | undefined> {
  const stored = await state.readPending();
  if (stored === undefined) return undefined;
  const { document } = readPlanDocument(stored.document, { file: stored.path });
  if (document?.variant !== variant) return undefined;
  return { plan: document.plan, document: JSON.stringify(stored.document) };
}

/** A node that was found to have all that it should have. */
export interface SettledNode {
  readonly runner: CommandRunner;
  readonly variant: Variant;
  readonly found: Applied;
}

/**
 * Where there is nothing to do after an apply that was killed, that one has done all of it, or nothing: from now on it counts as the last
 * one, or as none. So the undo of a later one does not take it back as well. Where that cannot be written, all stays as it is.
 */
export async function settleKilled(state: StateFile, { runner, variant, found }: SettledNode): Promise<void> {
  const killed = await readKilled(state, variant);
  if (killed === undefined) return;
  if (await isTakenBack(killed.plan, runner, found)) await state.dropPending().catch(() => {});
  else await state.keepPending(killed.document, storedFingerprint(found, killed.plan));
}

async function isTakenBack(back: Plan, runner: CommandRunner, { families, ipvs }: Applied): Promise<boolean> {
  const rules = back.families.every((family) => {
    const found = families.find((one) => one.family === family.family);
    return found === undefined ? family.changes.length === 0 : inEffect(family, found.saved).changes.length === 0;
  });
  if (!rules) return false;
  if (back.ipvs !== undefined && (ipvs === undefined || remainingIpvs(back.ipvs, ipvs).changes.length > 0))
    return false;
  const settings = back.sysctls.map(async ({ key, next }) => {
    const value = await readSysctl(runner, key).catch(() => undefined);
    return value === next;
  });
  return (await Promise.all(settings)).every((isBack) => isBack);
}
