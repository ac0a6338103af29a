// Whose the chains are whose names begin with KUBE-. Not all are kube-proxy's: cleaning up by that prefix takes network policies and
// hostPorts of others off the node.
import { isOwnChain, isSharedChain, onlyIpvsChains } from '../../ruleset/owned-chains.ts';

/**
 * - `kube-proxy`: of kube-proxy in any mode and version since 1.4, or of chainsmith;
 * - `kubelet`: the kubelet makes it, and makes it again when it is gone;
 * - `shared`: KUBE-FIREWALL, which both write.
 */
export type ChainOwner = 'kube-proxy' | 'kubelet' | 'shared' | 'kube-router' | 'host-ports' | 'unknown';

/** The canaries by which kube-proxy 1.19 and newer sees that somebody flushed the rules. */
const CANARIES: ReadonlySet<string> = new Set([
  'mangle/KUBE-PROXY-CANARY',
  'nat/KUBE-PROXY-CANARY',
  'filter/KUBE-PROXY-CANARY',
]);

/** Besides those of the iptables mode, which chainsmith writes as well. */
const OTHER_MODES: Readonly<Record<OtherMode, ReadonlySet<string>>> = {
  // Until 1.25.
  userspace: new Set([
    'nat/KUBE-PORTALS-CONTAINER',
    'nat/KUBE-PORTALS-HOST',
    'nat/KUBE-NODEPORT-CONTAINER',
    'nat/KUBE-NODEPORT-HOST',
    'filter/KUBE-NODEPORT-NON-LOCAL',
  ]),
  ipvs: onlyIpvsChains,
};

export type OtherMode = 'userspace' | 'ipvs';

const otherModes: readonly OtherMode[] = ['userspace', 'ipvs'];

/** `TABLE/CHAIN` of all chains that kube-proxy writes in that mode, and in no other. */
export function chainsOfMode(mode: OtherMode): ReadonlySet<string> {
  return OTHER_MODES[mode];
}

/** KUBE-MARK-DROP until 1.27; KUBE-IPTABLES-HINT, which tells the variant to others, since 1.24. */
const KUBELET: ReadonlySet<string> = new Set([
  'mangle/KUBE-KUBELET-CANARY',
  'nat/KUBE-KUBELET-CANARY',
  'filter/KUBE-KUBELET-CANARY',
  'mangle/KUBE-IPTABLES-HINT',
  'nat/KUBE-MARK-DROP',
]);

/** Undefined for a chain whose name does not begin with KUBE-. */
export function kubeChainOwner(table: string, chain: string): ChainOwner | undefined {
  if (!chain.startsWith('KUBE-')) return undefined;
  const key = `${table}/${chain}`;
  if (isSharedChain(table, chain)) return 'shared';
  if (isOwnChain(table, chain) || CANARIES.has(key)) return 'kube-proxy';
  if (otherModes.some((mode) => chainsOfMode(mode).has(key))) return 'kube-proxy';
  if (KUBELET.has(key)) return 'kubelet';
  if (/^KUBE-(?:ROUTER|NWPLCY|POD-FW|SRC|DST)-/.test(chain)) return 'kube-router';
  return /^KUBE-(?:HOSTPORTS$|HP-)/.test(chain) ? 'host-ports' : 'unknown';
}
