// What is kept of an apply. A first apply makes 56,000 chains, so these go over its plan once, and copy no rules that are not needed.
import {
  changeData,
  planDocumentData,
  type ChangeData,
  type ContentData,
  type PlanDocumentData,
} from '../../core/plan/document/plan-document.ts';
import { editWords } from '../../core/plan/edit-words.ts';
import { invertIpvs } from '../../core/plan/ipvs/compare-ipvs.ts';
import { invertChange } from '../../core/plan/invert-change.ts';
import type { ChainChange, FamilyPlan, Plan } from '../../core/plan/plan.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import { sha256Hex } from '../../core/util/hash.ts';
import type { Variant } from './tools.ts';

const REASON = 'undo';
const ANYTHING: ContentData = { rules: [] };

/** The inverse of a plan as a document. Of chains that are to go it has the name alone: they go whatever is in them. */
export function wayBack(plan: Plan, variant: Variant): PlanDocumentData {
  const sysctls = plan.sysctls.map(({ key, previous, next }) => ({
    key,
    previous: next,
    next: previous,
    reason: REASON,
  }));
  const empty = planDocumentData({
    variant,
    plan: {
      families: [],
      sysctls,
      nfacct: [],
      ...(plan.ipvs === undefined ? {} : { ipvs: invertIpvs(plan.ipvs, REASON) }),
    },
    fingerprint: {},
    summaries: [],
  });
  const families = plan.families.map(({ family, changes }) => ({
    family,
    changes: changes.map(changeBack),
    notes: [],
  }));
  return { ...empty, families };
}

function changeBack(change: ChainChange): ChangeData {
  const { kind, table, chain, service } = change;
  if (kind === 'create-chain') {
    const about = service === undefined ? { table, chain } : { table, chain, service };
    return { kind: 'delete-chain', ...about, reason: REASON, previous: ANYTHING };
  }
  const inverted = invertChange(change, REASON);
  const back = changeData(
    inverted.kind === 'edit-chain' ? { ...inverted, reason: editWords(inverted.edits) } : inverted,
  );
  return kind === 'replace-chain' ? { ...back, previous: ANYTHING } : back;
}

/**
 * 64 hexadecimal digits for what the chains hold that the plan, or its way back, writes as a whole. Into built-in and shared chains others
 * may write as well, so they do not count.
 */
export function writtenChainsHash(plan: FamilyPlan, saved: SavedRules): string {
  return hashOf(plan, rulesIn(saved));
}

/** The same for a node that has what the plan says, letter by letter: it can be made before the rules have been read back. */
export function plannedChainsHash(plan: FamilyPlan): string {
  return hashOf(plan, (change) => ('next' in change ? change.next.rules : undefined));
}

/** Whether both hashes are the same. */
export function isAsPlanned({ changes }: FamilyPlan, saved: SavedRules): boolean {
  const rules = rulesIn(saved);
  return changes.every((change) => {
    if (change.kind === 'edit-chain') return true;
    return rules(change) === ('next' in change ? change.next.rules : undefined);
  });
}

type RulesOf = (change: ChainChange) => string | undefined;

function rulesIn(saved: SavedRules): RulesOf {
  const tables = new Map(saved.tables.map(({ name, chains }) => [name, chains]));
  return ({ table, chain }) => tables.get(table)?.get(chain)?.rules;
}

function hashOf({ changes }: FamilyPlan, rulesOf: RulesOf): string {
  const parts: string[] = [];
  for (const change of changes) {
    const rules = change.kind === 'edit-chain' ? undefined : rulesOf(change);
    if (rules !== undefined) parts.push(`:${change.table} ${change.chain}\n`, rules);
  }
  return sha256Hex(parts.join(''));
}
