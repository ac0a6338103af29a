import type { Cidr, Ip } from './ip.ts';

/** How kube-proxy tells traffic of local Pods from other traffic (KEP-2450). */
export type DetectLocal =
  | { readonly mode: 'ClusterCIDR' }
  | { readonly mode: 'NodeCIDR' }
  | { readonly mode: 'BridgeInterface'; readonly interface: string }
  | { readonly mode: 'InterfaceNamePrefix'; readonly prefix: string };

/** The fields of a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) that shape rules, checked and with kube-proxy v1.36's defaults. */
export interface ProxyConfig {
  readonly mode: 'iptables' | 'ipvs' | 'nftables';
  /** At most one per family, in the order given. */
  readonly clusterCidrs: readonly Cidr[];
  readonly detectLocal: DetectLocal;
  readonly masqueradeAll: boolean;
  /** 0-31: the bit of the packet mark that asks for masquerading. Default 14, mark 0x4000. */
  readonly masqueradeBit: number;
  readonly localhostNodePorts: boolean;
  /** Empty: every local address. */
  readonly nodePortAddresses: readonly Cidr[];
  /** nodePortAddresses is [primary]: the node's own IPs only. */
  readonly nodePortPrimary: boolean;
  /** Leaves out the rule that drops packets of conntrack state INVALID. */
  readonly tcpBeLiberal: boolean;
  /** The feature gate AllowServiceExternalIPs, on by default in v1.36 (KEP-5707): externalIPs have rules. */
  readonly allowExternalIps: boolean;
  /** Undefined: the host's name, which the pure core cannot know. */
  readonly hostnameOverride: string | undefined;
  /** Undefined where it is unspecified (0.0.0.0, ::). Otherwise the node's IP of that family. */
  readonly bindAddress: Ip | undefined;
  /** What only the ipvs mode reads. */
  readonly ipvs: IpvsConfig;
}

/** The section `ipvs` of the configuration. */
export interface IpvsConfig {
  /** One of `ipvsSchedulers`; default `rr`. */
  readonly scheduler: string;
  /** Virtual servers at these addresses are somebody else's: kube-proxy does not remove them. */
  readonly excludeCidrs: readonly Cidr[];
  /** The node answers ARP for an address only on its own interface, so not for those of kube-ipvs0. */
  readonly strictArp: boolean;
  readonly timeouts: IpvsTimeouts;
}

/** Seconds after which IPVS forgets a connection without packets (`ipvsadm --set`); 0 leaves the kernel's value as it is. */
export interface IpvsTimeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}
