import type { Ip } from '../../model/ip.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { VirtualServerIndex } from '../ipvs/virtual-server-index.ts';
import type { Pod, Service } from '../../model/kubernetes.ts';

/** What the ends of flows can name. */
export interface FlowCluster {
  /** With the addresses that the API server would have given them. */
  readonly services: readonly Service[];
  readonly pods: readonly Pod[];
  /** `namespace/name` of Pods that endpoints name, by address. */
  readonly podNames: ReadonlyMap<string, string>;
  /** All addresses of the node, without loopback; the first of each family is its own. */
  readonly localIps: readonly Ip[];
  /** Of the ipvs mode: its sets by name, and its virtual servers. */
  readonly sets?: ReadonlyMap<string, IpSet> | undefined;
  readonly ipvs?: VirtualServerIndex | undefined;
}
