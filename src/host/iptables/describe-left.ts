import type { ChainChange, FamilyPlan } from '../../core/plan/plan.ts';

const FOUND: { readonly [K in ChainChange['kind']]: string | undefined } = {
  'create-chain': ' is not there',
  'replace-chain': ' has other rules',
  'delete-chain': ' is there, and nothing needs it',
  'edit-chain': undefined,
};

/** What a node has that it should not have, or lacks, one line for each change that is left to do. */
export function describeLeft({ family, changes }: FamilyPlan): readonly string[] {
  return changes.map(({ kind, table, chain, reason }) => `${family} ${table} ${chain}${FOUND[kind] ?? `: ${reason}`}`);
}
