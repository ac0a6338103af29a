import { isEntryChain, isOwnChain, isSharedChain } from '../../ruleset/owned-chains.ts';
import type { Rule } from '../../ruleset/rule.ts';

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

function isKubeChain(table: string, chain: string): boolean {
  return (
    isOwnChain(table, chain) ||
    isSharedChain(table, chain) ||
    isEntryChain(table, chain) ||
    OTHER_KUBE_CHAINS.has(`${table}/${chain}`)
  );
}

/** What kube-proxy writes beside its jumps from built-in chains; in whatever place such a rule leads to, it is kube-proxy's. */
const KUBE_COMMENTS: ReadonlySet<string> = new Set([
  'kubernetes service portals',
  'kubernetes externally-visible service portals',
  'kubernetes health check service ports',
  'kubernetes load balancer firewall',
  'kubernetes forwarding rules',
  'kubernetes postrouting rules',
  'kubernetes ipvs access filter',
  'kubernetes health check rules',
  'kube-proxy firewall rules',
  'handle ClusterIPs; NOTE: this must be before the NodePort rules',
]);

/** A rule in one of kube-proxy's chains, a jump to one from a chain of others, or a rule that kube-proxy's comment says is one. */
export function isKubeRule(table: string, { chain, target, matches }: Rule): boolean {
  if (isKubeChain(table, chain)) return true;
  if ((target.kind === 'jump' || target.kind === 'goto') && isKubeChain(table, target.chain)) return true;
  return matches.some((match) => match.kind === 'comment' && KUBE_COMMENTS.has(match.text));
}
