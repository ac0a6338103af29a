import { changedItemsHash } from '../../core/plan/ipvs/fingerprint-ipvs.ts';
import type { FamilyPlan, Plan } from '../../core/plan/plan.ts';
import type { Applied } from './apply-plan.ts';
import type { StoredState } from './state-file.ts';
import { isAsPlanned, writtenChainsHash } from './way-back.ts';

const NONE_PLANNED: ReadonlyMap<FamilyPlan, string> = new Map();

/**
 * By which undo sees whether somebody has changed since what `written`, a plan or its way back, writes.
 *
 * @param planned hashes that are known of what the plan says, for families that have just that
 */
export function storedFingerprint(
  { families, ipvs }: Applied,
  written: Plan,
  planned: ReadonlyMap<FamilyPlan, string> = NONE_PLANNED,
): StoredState['fingerprint'] {
  const entries = families.flatMap(({ family, saved }): (readonly [string, string])[] => {
    const changed = written.families.find((f) => f.family === family);
    if (changed === undefined) return [];
    const known = isAsPlanned(changed, saved) ? planned.get(changed) : undefined;
    return [[family, known ?? writtenChainsHash(changed, saved)]];
  });
  const ofIpvs = written.ipvs === undefined || ipvs === undefined ? {} : { ipvs: changedItemsHash(written.ipvs, ipvs) };
  return { ...Object.fromEntries(entries), ...ofIpvs };
}
