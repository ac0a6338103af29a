import type { Cidr, Ip, IpFamily } from '../model/ip.ts';
import type { IpvsTimeouts } from '../model/proxy-config.ts';
import type { IpSet } from './ip-set.ts';
import type { VirtualServer } from './virtual-server.ts';

export type TableName = 'mangle' | 'filter' | 'nat';

/** In the order of iptables-nft-save. */
export const tableNames: readonly TableName[] = ['mangle', 'filter', 'nat'];

/** Whether kube-proxy has rules in a table of that name. */
export function isTableName(name: string): name is TableName {
  return tableNames.some((known) => known === name);
}

/** One chain as it is to be on the node: the unit of output, of plans and of caching. */
export interface CompiledChain {
  readonly table: TableName;
  readonly name: string;
  /** Built-in chains have a policy. */
  readonly policy: 'ACCEPT' | '-';
  /** Lines in iptables-save's own spelling, each ending in a newline. Empty for a chain without rules. */
  readonly rules: string;
  /** What the chain is for, in plain words, one line. */
  readonly purpose: string;
  /** `namespace/name:port` of the service port it belongs to, if it belongs to one. */
  readonly service?: string;
}

/** A kernel setting of the network namespace without which the rules do not do what they should. */
export interface RequiredSysctl {
  /** As sysctl(8) spells it. */
  readonly key: string;
  readonly value: string;
  /** Why, one line. */
  readonly purpose: string;
  /** Only on kernels from `from` on and before `before`, as `4.1`; on others it is left as it is. Undefined: on all. */
  readonly kernels?: { readonly from: string; readonly before: string };
}

/** Whether 127.0.0.0/8 may be left and reached (`localhostNodePorts`): the one setting that kube-proxy's rules need. IPv6 has none such. */
export const ROUTE_LOCALNET = 'net.ipv4.conf.all.route_localnet';

/** All chains of one family: tables in the order mangle, filter, nat; built-in chains first, then by name. */
export interface CompiledRules {
  readonly family: IpFamily;
  readonly chains: readonly CompiledChain[];
  readonly sysctls: readonly RequiredSysctl[];
  /** In the ipvs mode: what the rules stand around. */
  readonly ipvs?: CompiledIpvs;
}

/** The link that holds the addresses of Services in the ipvs mode, so that the kernel takes their packets for its own. */
export const IPVS_LINK = 'kube-ipvs0';

/** One family of the ipvs mode, besides its iptables rules. */
export interface CompiledIpvs {
  /** In the order of the service ports; no two have one address. */
  readonly virtualServers: readonly CompiledVirtualServer[];
  /** All of kube-proxy's, also those that are empty, by name; members by text. */
  readonly sets: readonly CompiledIpSet[];
  /** What kube-ipvs0 holds, each with all bits of its family as prefix; by text. */
  readonly addresses: readonly Ip[];
  readonly timeouts: IpvsTimeouts;
  /** Virtual servers at these addresses are not kube-proxy's to remove. */
  readonly excludeCidrs: readonly Cidr[];
}

/** A set, and what its members are. */
export interface CompiledIpSet extends IpSet {
  readonly purpose: string;
}

/** A virtual server, and what it is there for. */
export interface CompiledVirtualServer extends VirtualServer {
  /** `namespace/name:port` of the service port. */
  readonly service: string;
  readonly what: 'cluster IP' | 'external IP' | 'loadbalancer IP' | 'nodePort';
}
