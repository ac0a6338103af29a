import type { IpFamily } from '../model/ip.ts';

export type TableName = 'mangle' | 'filter' | 'nat';

/** In the order of iptables-nft-save. */
export const tableNames: readonly TableName[] = ['mangle', 'filter', 'nat'];

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
}

/** Whether 127.0.0.0/8 may be left and reached (`localhostNodePorts`): the one setting that kube-proxy's rules need. IPv6 has none such. */
export const ROUTE_LOCALNET = 'net.ipv4.conf.all.route_localnet';

/** All chains of one family: tables in the order mangle, filter, nat; built-in chains first, then by name. */
export interface CompiledRules {
  readonly family: IpFamily;
  readonly chains: readonly CompiledChain[];
  readonly sysctls: readonly RequiredSysctl[];
}
