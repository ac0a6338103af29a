import type { Ip } from '../../model/ip.ts';
import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { VirtualServer } from '../../ruleset/virtual-server.ts';

/** What a node has of the ipvs mode besides its rules, as it was found. */
export interface IpvsState {
  /** All of the network namespace, also those of others. */
  readonly virtualServers: readonly VirtualServer[];
  /** Those that have a name of kube-proxy's (`isKubeProxySet`). */
  readonly sets: readonly ObservedSet[];
  /** Of kube-ipvs0, without link-local ones; undefined if there is no such link, or nothing tells. */
  readonly addresses: readonly Ip[] | undefined;
  /** Undefined where nothing tells. */
  readonly timeouts: IpvsTimeouts | undefined;
}

export interface ObservedSet extends IpSet {
  /** Rules and sets, of whomever, that refer to it; undefined where nothing tells. */
  readonly references: number | undefined;
}
