import { isEntryChain, isOwnChain, isSharedChain } from '../../ruleset/owned-chains.ts';
import type { Target } from '../../ruleset/target.ts';

/** Further chains of kube-proxy and the kubelet, of all versions and modes, that owned-chains.ts does not count as its own to write. */
const OTHER_KUBE_CHAINS: ReadonlySet<string> = new Set([
  'nat/KUBE-MARK-DROP',
  'nat/KUBE-PROXY-CANARY',
  'filter/KUBE-PROXY-CANARY',
  'mangle/KUBE-PROXY-CANARY',
  'nat/KUBE-NODE-PORT',
  'nat/KUBE-LOAD-BALANCER',
  'filter/KUBE-NODE-PORT',
  'filter/KUBE-SOURCE-RANGES-FIREWALL',
  'filter/KUBE-IPVS-FILTER',
  'filter/KUBE-IPVS-OUT-FILTER',
]);

export function isKubeChain(table: string, chain: string): boolean {
  return (
    isOwnChain(table, chain) ||
    isSharedChain(table, chain) ||
    isEntryChain(table, chain) ||
    OTHER_KUBE_CHAINS.has(`${table}/${chain}`)
  );
}

/** A rule in one of kube-proxy's chains, or a jump to one from a chain of others. */
export function isKubeRule(table: string, chain: string, target: Target): boolean {
  if (isKubeChain(table, chain)) return true;
  return (target.kind === 'jump' || target.kind === 'goto') && isKubeChain(table, target.chain);
}
