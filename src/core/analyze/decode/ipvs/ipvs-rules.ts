import type { Ruleset, RulesetRule } from '../../../ruleset/ruleset.ts';
import type { IpSet } from '../../../ruleset/ip-set.ts';
import { elementText } from '../../../ruleset/print-ip-set.ts';
import { ipvsSetMeaning } from '../../kube/ipvs-sets.ts';
import type { IpvsSet } from '../decoded-rules.ts';
import { guardOf } from '../guard.ts';

export interface IpvsRules {
  readonly sets: readonly IpvsSet[];
  /** Rules that the IPVS mode writes. */
  readonly rules: ReadonlySet<RulesetRule>;
}

/** Chains that only the IPVS mode has. nat's KUBE-FIREWALL (until 1.24) is not the kubelet's. */
export const IPVS_CHAINS: ReadonlySet<string> = new Set([
  'nat/KUBE-NODE-PORT',
  'nat/KUBE-LOAD-BALANCER',
  'nat/KUBE-FIREWALL',
  'filter/KUBE-NODE-PORT',
  'filter/KUBE-SOURCE-RANGES-FIREWALL',
  'filter/KUBE-IPVS-FILTER',
  'filter/KUBE-IPVS-OUT-FILTER',
]);

const SHARED_CHAINS: ReadonlySet<string> = new Set([
  'nat/KUBE-SERVICES',
  'nat/KUBE-POSTROUTING',
  'filter/KUBE-PROXY-FIREWALL',
  'filter/KUBE-SERVICES',
]);

/** The sets that rules of the IPVS mode ask, and those rules. */
export function readIpvs({ tables }: Ruleset, given: ReadonlyMap<string, IpSet> | undefined): IpvsRules {
  const sets = new Map<string, number[]>();
  const rules = new Set<RulesetRule>();
  for (const table of tables) {
    for (const key of [...IPVS_CHAINS, ...SHARED_CHAINS]) {
      const [of, name = ''] = key.split('/');
      const chain = of === table.name ? table.chains.get(name) : undefined;
      for (const at of chain?.rules ?? []) if (isWritten(at, key)) rules.add(at);
    }
  }
  for (const { rule, line } of [...rules].sort((a, b) => a.line - b.line)) {
    for (const match of rule.matches) {
      if (match.kind === 'set') sets.set(match.name, [...(sets.get(match.name) ?? []), line]);
    }
  }
  return {
    sets: Array.from(sets, ([name, lines]) => ({
      name,
      meaning: ipvsSetMeaning(name) ?? 'not known',
      members: membersOf(given?.get(name)),
      lines,
    })),
    rules,
  };
}

function membersOf(set: IpSet | undefined): readonly string[] | undefined {
  return set?.entries.map((entry) => elementText(entry, set)).sort();
}

function isWritten(at: RulesetRule, key: string): boolean {
  if (SHARED_CHAINS.has(key) && at.rule.matches.every(({ kind }) => kind !== 'set') && key !== 'nat/KUBE-SERVICES')
    return false;
  const guard = guardOf(at.rule);
  const { target } = at.rule;
  if (guard.sets.length > 0) return guard.sets.every(({ name }) => ipvsSetMeaning(name) !== undefined);
  if (key === 'nat/KUBE-SERVICES') {
    if (target.kind === 'jump' && target.chain === 'KUBE-NODE-PORT') return true;
    return target.kind === 'return' && /^(?:127\.|::1\/)/.test(guard.source?.network ?? '');
  }
  if (key === 'filter/KUBE-IPVS-OUT-FILTER') return at.rule.matches.some(({ kind }) => kind === 'ipvs');
  return guard.other.length === 0 && ['jump', 'drop', 'accept', 'return'].includes(target.kind);
}
