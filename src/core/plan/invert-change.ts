import { editRules } from './edit-rules.ts';
import { invertIpvs } from './ipvs/compare-ipvs.ts';
import type { ChainChange, FamilyPlan, Plan } from './plan.ts';

/**
 * The plan that takes back what `plan` did. It is right as long as nothing else has changed. Counters of chains that come back are those of the
 * dump that the plan was made of; a node is read without them, and so they begin at zero there.
 */
export function invertPlan(plan: Plan, reason: string): Plan {
  return {
    families: plan.families.map((family) => invertFamily(family, reason)),
    sysctls: plan.sysctls.map(({ key, previous, next }) => ({ key, previous: next, next: previous, reason })),
    // An nfacct object that nothing counts into does no harm, and somebody may have read it meanwhile.
    nfacct: [],
    ...(plan.ipvs === undefined ? {} : { ipvs: invertIpvs(plan.ipvs, reason) }),
  };
}

export function invertFamily(plan: FamilyPlan, reason: string): FamilyPlan {
  return { family: plan.family, changes: plan.changes.map((change) => invertChange(change, reason)), notes: [] };
}

export function invertChange(change: ChainChange, reason: string): ChainChange {
  const { table, chain, service } = change;
  const about = { table, chain, service, reason };
  switch (change.kind) {
    case 'create-chain':
      return { ...about, kind: 'delete-chain', previous: change.next };
    case 'delete-chain':
      return { ...about, kind: 'create-chain', next: change.previous };
    case 'replace-chain':
      return { ...about, kind: 'replace-chain', previous: change.next, next: change.previous };
    case 'edit-chain': {
      const moved = new Set(change.edits.map((edit) => edit.rule));
      const edits = editRules(change.next.rules, change.previous.rules, (rule) => moved.has(rule));
      return { ...about, kind: 'edit-chain', previous: change.next, next: change.previous, edits };
    }
  }
}
