// Which chains of a node are kube-proxy's, and so chainsmith's to write. Everything else belongs to somebody.
import { builtInChains } from './built-in-chains.ts';

/**
 * Chains per service port and endpoint: whatever of these is not wanted is left over. kube-proxy finds them by these prefixes too.
 * KUBE-XLB- is what KUBE-EXT- and KUBE-SVL- were until 1.23.
 */
const SERVICE_CHAIN = /^KUBE-(?:SVC|SVL|SEP|FW|EXT|XLB)-/;

/** Chains of the iptables mode that list all service ports, or that never change. */
const IPTABLES_CHAINS: ReadonlySet<string> = new Set([
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

/** All chains of the ipvs mode. KUBE-FIREWALL in nat, until 1.25, has nothing to do with the kubelet's in filter. */
const IPVS_CHAINS: ReadonlySet<string> = new Set([
  'filter/KUBE-FORWARD',
  'filter/KUBE-IPVS-FILTER',
  'filter/KUBE-IPVS-OUT-FILTER',
  'filter/KUBE-NODE-PORT',
  'filter/KUBE-PROXY-FIREWALL',
  'filter/KUBE-SOURCE-RANGES-FIREWALL',
  'nat/KUBE-FIREWALL',
  'nat/KUBE-LOAD-BALANCER',
  'nat/KUBE-MARK-MASQ',
  'nat/KUBE-NODE-PORT',
  'nat/KUBE-POSTROUTING',
  'nat/KUBE-SERVICES',
]);

/** `TABLE/CHAIN` of the chains that kube-proxy writes in ipvs mode, and in no other. */
export const onlyIpvsChains: ReadonlySet<string> = new Set(
  [...IPVS_CHAINS].filter((chain) => !IPTABLES_CHAINS.has(chain)),
);

/**
 * Chains that kube-proxy of any version jumps to from built-in chains. The old ones in nat are of the userspace mode, until 1.25.
 */
const ENTRY_CHAINS: Readonly<Record<string, ReadonlySet<string>>> = {
  filter: new Set([
    'KUBE-SERVICES',
    'KUBE-EXTERNAL-SERVICES',
    'KUBE-NODEPORTS',
    'KUBE-FORWARD',
    'KUBE-PROXY-FIREWALL',
    'KUBE-IPVS-FILTER',
    'KUBE-IPVS-OUT-FILTER',
    'KUBE-NODE-PORT',
  ]),
  nat: new Set([
    'KUBE-SERVICES',
    'KUBE-NODEPORTS',
    'KUBE-POSTROUTING',
    'KUBE-PORTALS-CONTAINER',
    'KUBE-PORTALS-HOST',
    'KUBE-NODEPORT-CONTAINER',
    'KUBE-NODEPORT-HOST',
  ]),
};

/** Whether jumps from built-in chains to this one are kube-proxy's, if they have its form. */
export function isEntryChain(table: string, chain: string): boolean {
  return ENTRY_CHAINS[table]?.has(chain) === true;
}

export function isServiceChain(table: string, chain: string): boolean {
  return table === 'nat' && SERVICE_CHAIN.test(chain);
}

export function isOwnChain(table: string, chain: string): boolean {
  const key = `${table}/${chain}`;
  return IPTABLES_CHAINS.has(key) || IPVS_CHAINS.has(key) || isServiceChain(table, chain);
}

/** The kubelet writes into this one as well: older ones drop packets there that are marked with 0x8000. */
export function isSharedChain(table: string, chain: string): boolean {
  return table === 'filter' && chain === 'KUBE-FIREWALL';
}

/** The tables that kube-proxy writes to, and the kernel's own chains in them. */
const BUILT_IN_CHAINS: ReadonlyMap<string, readonly string[]> = new Map(
  [...builtInChains].filter(([table]) => table === 'mangle' || table === 'filter' || table === 'nat'),
);

/** Empty, in each table: if it is gone, somebody has flushed the table. */
const CANARY_CHAIN = 'KUBE-PROXY-CANARY';

/** Chains of kube-proxy in the iptables or ipvs mode: where they are not wanted, they are left over. */
export function isLeftOverIfUnwanted(table: string, chain: string): boolean {
  return isOwnChain(table, chain) || (BUILT_IN_CHAINS.has(table) && chain === CANARY_CHAIN);
}

/** Everything that a plan may name: our chains, those that others write too, and the built-in ones. */
export function isPlannedChain(table: string, chain: string): boolean {
  const builtIn = BUILT_IN_CHAINS.get(table);
  if (builtIn === undefined) return false;
  return builtIn.includes(chain) || chain === CANARY_CHAIN || isOwnChain(table, chain) || isSharedChain(table, chain);
}

export function isBuiltInChain(table: string, chain: string): boolean {
  return BUILT_IN_CHAINS.get(table)?.includes(chain) === true;
}
