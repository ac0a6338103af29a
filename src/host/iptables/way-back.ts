// What is kept of an apply. A first apply makes 56,000 chains, so these go over its plan once, and copy no rules that are not needed.
import {
  changeData,
  planDocumentData,
  type ChangeData,
  type ContentData,
  type PlanDocumentData,
} from '../../core/plan/document/plan-document.ts';
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
    plan: { families: [], sysctls, nfacct: [] },
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
  const back = changeData(invertChange(change, REASON));
  return kind === 'replace-chain' ? { ...back, previous: ANYTHING } : back;
}

/**
 * 64 hexadecimal digits for what the chains hold that the plan, or its way back, writes as a whole. Into built-in and shared chains others
 * may write as well, so they do not count.
 */
export function writtenChainsHash({ changes }: FamilyPlan, saved: SavedRules): string {
  const tables = new Map(saved.tables.map(({ name, chains }) => [name, chains]));
  const parts: string[] = [];
  for (const { kind, table, chain } of changes) {
    const found = kind === 'edit-chain' ? undefined : tables.get(table)?.get(chain);
    if (found !== undefined) parts.push(`:${table} ${chain}\n`, found.rules);
  }
  return sha256Hex(parts.join(''));
}
