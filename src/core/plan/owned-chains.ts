// Which chains of a node are kube-proxy's, and so chainsmith's to write. Everything else belongs to somebody.

/**
 * Chains per service port and endpoint: whatever of these is not wanted is left over. kube-proxy finds them by these prefixes too.
 * KUBE-XLB- is what KUBE-EXT- and KUBE-SVL- were until 1.23.
 */
const SERVICE_CHAIN = /^KUBE-(?:SVC|SVL|SEP|FW|EXT|XLB)-/;

/** Chains that list all service ports, or that never change. */
const FIXED_CHAINS: ReadonlySet<string> = new Set([
  'filter/KUBE-SERVICES',
  'filter/KUBE-EXTERNAL-SERVICES',
  'filter/KUBE-NODEPORTS',
  'filter/KUBE-PROXY-FIREWALL',
  'filter/KUBE-FORWARD',
  'nat/KUBE-SERVICES',
  'nat/KUBE-NODEPORTS',
  'nat/KUBE-POSTROUTING',
  'nat/KUBE-MARK-MASQ',
]);

export function isServiceChain(table: string, chain: string): boolean {
  return table === 'nat' && SERVICE_CHAIN.test(chain);
}

export function isOwnChain(table: string, chain: string): boolean {
  return FIXED_CHAINS.has(`${table}/${chain}`) || isServiceChain(table, chain);
}

/** The kubelet writes into this one as well: older ones drop packets there that are marked with 0x8000. */
export function isSharedChain(table: string, chain: string): boolean {
  return table === 'filter' && chain === 'KUBE-FIREWALL';
}
