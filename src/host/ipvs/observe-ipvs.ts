import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { onlyIpvsChains } from '../../core/ruleset/owned-chains.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { Observation } from '../iptables/observe.ts';
import type { KubeIpvs } from './kube-ipvs.ts';

/** What the node has of the ipvs mode; undefined if it has nothing of it, and needs nothing. */
export async function observeIpvs(
  kube: KubeIpvs,
  desired: readonly Pick<CompiledRules, 'ipvs'>[],
  rules: readonly Observation[],
): Promise<IpvsState | undefined> {
  const needed = desired.some(({ ipvs }) => ipvs !== undefined);
  if (!needed && !rules.some(hasChainsOfIpvs) && !(await kube.hasLink())) return undefined;
  return await kube.observe(needed);
}

function hasChainsOfIpvs({ saved }: Observation): boolean {
  return saved.tables.some(({ name, chains }) =>
    [...onlyIpvsChains].some((key) => key.startsWith(`${name}/`) && chains.has(key.slice(name.length + 1))),
  );
}
