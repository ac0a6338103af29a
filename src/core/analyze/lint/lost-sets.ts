import type { IpSet } from '../../ruleset/ip-set.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import { ipvsSetMeaning } from '../kube/ipvs-sets.ts';

/**
 * Sets of kube-proxy that rules ask for and that are not there, or not known in full: the kernel keeps a set that a rule names, so the listing
 * is only a part. Sorted.
 */
export function lostSets(rulesets: readonly Ruleset[], sets: ReadonlyMap<string, IpSet>): readonly string[] {
  const chains = rulesets.flatMap(({ tables }) => tables.flatMap((table) => [...table.chains.values()]));
  const lost = new Set<string>();
  for (const { rule } of chains.flatMap(({ rules }) => rules)) {
    for (const match of rule.matches) {
      if (match.kind === 'set' && !sets.has(match.name) && ipvsSetMeaning(match.name) !== undefined)
        lost.add(match.name);
    }
  }
  return [...lost].sort();
}
