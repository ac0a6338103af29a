import type { CompiledRules } from '../ruleset/compiled-rules.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';
import { isSharedChain } from '../ruleset/owned-chains.ts';
import { hasKubelet, isProxyFirewall } from './cleanup/firewall-chain.ts';

/**
 * Whether KUBE-FIREWALL is left over from the iptables mode: nodePorts on 127.0.0.1, against whose side effect it stands, are not served in the
 * ipvs mode. Where there is a kubelet the chain is its own.
 */
export function losesFirewall(current: SavedRules, desired: CompiledRules): boolean {
  if (desired.ipvs === undefined || hasKubelet(current)) return false;
  const firewall = current.tables.flatMap(({ name, chains }) =>
    [...chains.values()].filter((chain) => isSharedChain(name, chain.name)),
  );
  return firewall.length > 0 && firewall.every(isProxyFirewall);
}
