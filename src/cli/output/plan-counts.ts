import { ipvsCounts } from './print-ipvs-plan.ts';
import type { ChainChange, FamilyPlan, Plan, RuleEdit } from '../../core/plan/plan.ts';

const FAMILY: Readonly<Record<FamilyPlan['family'], string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

export function familyName(family: FamilyPlan['family']): string {
  return FAMILY[family];
}

/** `Plan for IPv4: 3 chains to create, 1 to replace, 2 to delete; 1 jump to insert`: one line per family, and one for the rest. */
export function planCounts({ families, sysctls, nfacct, ipvs }: Plan): readonly string[] {
  const rest = [
    ...(sysctls.length > 0 ? [`${many(sysctls.length, 'kernel setting')} to change`] : []),
    ...(nfacct.length > 0 ? [`${many(nfacct.length, 'nfacct object')} to make`] : []),
  ];
  return [
    ...families.map(({ family, changes }) => `Plan for ${familyName(family)}: ${familyCounts(changes)}`),
    ...(ipvs === undefined ? [] : [ipvsCounts(ipvs)]),
    ...(rest.length > 0 ? [`Plan for the node: ${rest.join(', ')}`] : []),
  ];
}

function familyCounts(changes: readonly ChainChange[]): string {
  if (changes.length === 0) return 'no changes';
  const counts = { 'create-chain': 0, 'replace-chain': 0, 'delete-chain': 0, 'edit-chain': 0 };
  const edits: RuleEdit[] = [];
  for (const change of changes) {
    counts[change.kind] += 1;
    if (change.kind === 'edit-chain') edits.push(...change.edits);
  }
  const chains = joined('chain', [
    [counts['create-chain'], 'create'],
    [counts['replace-chain'], 'replace'],
    [counts['delete-chain'], 'delete'],
  ]);
  const jumps = joined('jump', [
    [edits.filter(({ kind }) => kind === 'insert').length, 'insert'],
    [edits.filter(({ kind }) => kind === 'delete').length, 'delete'],
  ]);
  return [chains, jumps].filter((text) => text !== '').join('; ');
}

/** The noun stands with the first count only. */
function joined(noun: string, counts: readonly (readonly [count: number, verb: string])[]): string {
  const there = counts.filter(([count]) => count > 0);
  return there.map(([count, verb], i) => `${i === 0 ? many(count, noun) : String(count)} to ${verb}`).join(', ');
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
