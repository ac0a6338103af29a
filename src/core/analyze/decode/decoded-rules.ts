import type { IpFamily } from '../../model/ip.ts';
import type { Share } from './share.ts';

/** What the rules of one family do with Services. All line numbers are those of the dump, from 1. */
export interface DecodedRules {
  readonly family: IpFamily;
  /** Who wrote them, as far as they show it. */
  readonly writer: DecodedWriter;
  /** Whose rules are there besides kube-proxy's, by name. */
  readonly programs: readonly ForeignProgram[];
  readonly node: DecodedNode;
  /** Sorted by namespace, name, port name and protocol; those whose name is not known come last, by address. */
  readonly servicePorts: readonly DecodedServicePort[];
  /** The sets that the IPVS mode asks, in the order of the rules: the Services themselves are in there and in the kernel's IPVS table. */
  readonly ipvsSets: readonly IpvsSet[];
  /** All rules that the IPVS mode writes, those that ask no set as well. */
  readonly ipvsLines: Lines;
  /** Of the IPVS mode: what was not given and would say more. Left out where all was, and in other modes. */
  readonly ipvsMissing: readonly ('virtual-servers' | 'sets')[] | undefined;
  /** Chains of Services and endpoints that nothing leads to from a built-in chain, or KUBE-SERVICES, or only rules that are not understood. */
  readonly unreached: readonly UnreachedChain[];
  /** Rules in chains of kube-proxy that say something that is not understood, or that none of its versions writes. By line. */
  readonly notDecoded: readonly NotDecodedRule[];
}

export type ProxyMode = 'iptables' | 'ipvs' | 'userspace';

export interface DecodedWriter {
  /**
   * The mode that is at work here; undefined where there is nothing of kube-proxy, or only canaries and chains of the kubelet: so it is with
   * kube-proxy in nftables mode, and where another program handles Services.
   */
  readonly mode: ProxyMode | undefined;
  /** Modes of which there are chains besides: kube-proxy does not remove them when it is started in another one (since 1.14). */
  readonly leftoverModes: readonly ProxyMode[];
  /** `1.24`: the oldest version that writes such rules. */
  readonly since: string | undefined;
  /** `1.23`: the newest one. Older than `since` where chains of an older version are left over. */
  readonly until: string | undefined;
  /** `kube-proxy 1.24 or newer, iptables mode` */
  readonly text: string;
  /** What says so, the strongest first. */
  readonly evidence: readonly Evidence[];
}

export interface Evidence {
  /** `KUBE-EXT chains (1.24 and newer)` */
  readonly text: string;
  /** The first line that shows it. */
  readonly line: number;
}

export interface ForeignProgram {
  /** `docker`, `calico` ... */
  readonly name: string;
  /** Its chains, as TABLE/CHAIN, in the order of the dump. */
  readonly chains: readonly string[];
  /** Of its first chain. */
  readonly line: number;
}

/** What holds for all Services. */
export interface DecodedNode {
  /** How traffic of this node's Pods is told apart, as in the rules: `-s 10.244.0.0/16`, `-i cni0`. Empty: not at all. */
  readonly localDetectors: readonly string[];
  /** Which mark makes a packet leave with the address of the node; undefined where no rule of POSTROUTING says so. */
  readonly masquerade:
    { readonly value: number; readonly mask: number; readonly randomFully: boolean; readonly lines: Lines } | undefined;
  /** Where node ports are asked for; undefined where nothing leads to them. */
  readonly nodePorts:
    { readonly addresses: readonly string[]; readonly loopback: boolean; readonly lines: Lines } | undefined;
  /** Rules of built-in chains that lead to KUBE-SERVICES in nat. Empty: no packet gets to a Service. Undefined: the dump lacks them. */
  readonly entries: readonly ChainLine[] | undefined;
  /** Rules that lead from one chain that lists Services to the next; those to node ports are told of there. */
  readonly links: Lines;
}

export type Lines = readonly number[];

export interface ChainLine {
  readonly table: string;
  readonly chain: string;
  readonly line: number;
}

export interface DecodedServicePort {
  /** Its rules are from a part of the table nat: others may be missing, and nothing follows from what is not there. Undefined: from all of it. */
  readonly excerpt?: true;
  /** `namespace/name:port` or `namespace/name`; where that is not known, `10.96.0.10:53/udp` or the name of a chain. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly serviceName: string | undefined;
  /** "" for a port without a name. */
  readonly portName: string | undefined;
  /** What the name is from: a comment, the hash in the chains' names (it is that of a name that was tried), or nothing but what there is. */
  readonly namedBy: 'comment' | 'hash' | 'address' | 'chain';
  /** Whether the hash in the chains' names is that of name and protocol. Undefined where either is not there. */
  readonly hashAgrees: boolean | undefined;
  /** `tcp`, `udp`, `sctp`; undefined where no rule says. */
  readonly protocol: string | undefined;
  /** Sorted by kind (in the order of FrontendKind), then address and port. Empty for chains that nothing leads to. */
  readonly frontends: readonly DecodedFrontend[];
  /** Undefined as far as rules do not show it: without endpoints both policies look the same. */
  readonly internalPolicy: TrafficPolicy | undefined;
  /** Undefined also where nothing but the cluster IP is there. */
  readonly externalPolicy: TrafficPolicy | undefined;
  readonly affinity: DecodedAffinity | undefined;
  readonly sourceRanges: DecodedSourceRanges | undefined;
  /** Of traffic to the cluster IP; undefined where nothing leads from there to endpoints. */
  readonly masquerade: DecodedMasquerade | undefined;
  readonly healthCheckNodePort: { readonly port: number; readonly line: number } | undefined;
  /** In the order of the rules, which is that of kube-proxy: by text. */
  readonly endpoints: readonly DecodedEndpoint[];
  readonly cluster: EndpointChoice | undefined;
  readonly local: EndpointChoice | undefined;
  /** Its chains, in the order in which packets meet them; those of endpoints are named there. */
  readonly chains: readonly DecodedChain[];
  /** Of the IPVS mode only. */
  readonly ipvs: DecodedIpvsPort | undefined;
}

export interface DecodedIpvsPort {
  /** Undefined where it has no virtual server, or those were not given. */
  readonly scheduler: string | undefined;
  /** `mh-port` ... */
  readonly schedulerFlags: readonly string[];
  /** Its virtual servers, as `tcp 10.96.0.1:443`; those of a node port too, one for each address of the node. */
  readonly virtualServers: readonly string[];
  /** Addresses that sets name and that have no virtual server; empty where virtual servers were not given. */
  readonly withoutServer: readonly string[];
}

export type TrafficPolicy = 'Cluster' | 'Local';

/**
 * `external` is an external IP or one of a load balancer: rules without a comment, and REJECT rules, do not tell which. `virtual-server` is
 * one of IPVS that no set of kube-proxy names, or sets were not given.
 */
export type FrontendKind =
  'cluster-ip' | 'external-ip' | 'load-balancer-ip' | 'external' | 'node-port' | 'virtual-server';

export type SourceClass = 'pod' | 'node' | 'outside';

export interface DecodedFrontend {
  readonly kind: FrontendKind;
  /** Undefined for node ports: see DecodedNode. */
  readonly address: string | undefined;
  /** Undefined where a rule names none: all ports. */
  readonly port: number | undefined;
  /** The chain in nat that it leads to; undefined where no rule in nat takes it. */
  readonly chain: string | undefined;
  /** What a rule in filter does to packets that are still for this address, that is, that no endpoint was chosen for. */
  readonly refusal: DecodedRefusal | undefined;
  /** The userspace mode sends everything to a port of kube-proxy itself, which knows the endpoints. */
  readonly proxyPort: number | undefined;
  readonly masquerade: DecodedMasquerade;
  /** Where new connections end, by where they come from. Pods are those that the local detector knows. */
  readonly routes: Readonly<Record<SourceClass, FrontendRoute>>;
  /** Further conditions of its rules, as written: `-m physdev ! --physdev-is-in`. Empty: none. */
  readonly conditions: readonly string[];
  /** The rules that name it. */
  readonly lines: Lines;
  /** The line of a rule before it that takes all of its packets elsewhere. */
  readonly shadowedBy: number | undefined;
  /**
   * Why no packet comes to its rules in nat: `list`: nothing leads to the chain that they stand in, as to KUBE-NODEPORTS; `entry`: no built-in
   * chain leads to that one. Undefined where packets come, or the dump is one without built-in chains.
   */
  readonly cutOff: 'list' | 'entry' | undefined;
  /** Of the IPVS mode: the sets that name it. */
  readonly sets: readonly string[] | undefined;
}

/**
 * `cluster` and `local`: to the endpoints of that policy; `mixed`: to some of both or neither; `reject`, `drop`: refused; `proxy`: to
 * kube-proxy itself;  `ipvs`: to IPVS, whose virtual servers were not given; `none`: nothing is
 * done with them here.
 */
export type FrontendRoute = 'cluster' | 'local' | 'mixed' | 'reject' | 'drop' | 'proxy' | 'ipvs' | 'none';

export interface DecodedRefusal {
  readonly verdict: 'reject' | 'drop';
  /** From the comment; `source-ranges`: what no range let pass; `no-persistence`: a virtual server for all ports that IPVS serves with persistence only. */
  readonly reason: 'no-endpoints' | 'no-local-endpoints' | 'source-ranges' | 'no-persistence' | undefined;
  readonly lines: Lines;
}

/**
 * Whose packets leave with the address of the node. `except`: those of all sources but the local detector's; `node`: only those that the node
 * itself sends; `some`: as the conditions say.
 */
export interface DecodedMasquerade {
  readonly kind: 'none' | 'all' | 'except' | 'node' | 'some';
  /** As in the rules: `-s 10.244.0.0/16` of `except`. */
  readonly conditions: readonly string[];
  readonly lines: Lines;
}

export interface DecodedAffinity {
  readonly seconds: number;
  readonly lines: Lines;
}

export interface DecodedSourceRanges {
  /** Without the load balancer's own addresses, which kube-proxy adds for traffic of the node itself. */
  readonly cidrs: readonly string[];
  /** Whether a rule drops what is in none of them. */
  readonly enforced: boolean;
  readonly lines: Lines;
}

export interface DecodedEndpoint {
  /** `10.244.0.1:8080`, `[fd00::1]:80`; `?` where the rules are gone or damaged. */
  readonly text: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** What is known of the address: by its DNAT rule, by the comment that leads to it, or from the hash of its chain; or it is a real server. */
  readonly knownBy: 'dnat' | 'comment' | 'hash' | 'ipvs' | undefined;
  /** KUBE-SEP-…; undefined where a rule rewrites the destination at once. */
  readonly chain: string | undefined;
  /** Whether the hash in the chain's name is that of name, protocol and endpoint. Undefined where one of them is not known. */
  readonly hashAgrees: boolean | undefined;
  /** The part of new connections under each policy; undefined where it is not chosen at all. */
  readonly cluster: Share | undefined;
  readonly local: Share | undefined;
  /** Whether it runs on this node; undefined where no policy Local makes the rules show it. */
  readonly isLocal: boolean | undefined;
  /**
   * Whether its own connections to the Service that come back to it are masqueraded; without that they get no answer. Undefined where its chain
   * is not in the dump.
   */
  readonly hairpin: boolean | undefined;
  /** Whether it keeps the clients that it was chosen for (`recent --set`). */
  readonly remembers: boolean;
  /** What its rule is for, where that is not the protocol of the service port: it gets nothing then. */
  readonly otherProtocol: string | undefined;
  /** Of a real server; 0 takes no new connections. */
  readonly weight: number | undefined;
  /** The rules of its chain, and those that lead there. */
  readonly lines: Lines;
}

/** How one policy chooses among endpoints. */
export interface EndpointChoice {
  /** Where it is made. */
  readonly chain: string;
  /** How many endpoints there are to choose from. */
  readonly count: number;
  /** The part of new connections that no endpoint gets; undefined for none, as it should be. */
  readonly lost: Share | undefined;
}

export interface DecodedChain {
  readonly table: string;
  readonly name: string;
  /** Of its declaration, or of its first rule. */
  readonly line: number;
  readonly rules: Lines;
}

export interface IpvsSet {
  readonly name: string;
  /** What its members are, and what is done with their packets. */
  readonly meaning: string;
  /** As `ipset save` prints them; undefined where the set was not given. */
  readonly members: readonly string[] | undefined;
  readonly lines: Lines;
}

export interface UnreachedChain extends DecodedChain {}

export interface NotDecodedRule extends ChainLine {
  /** As in the dump. */
  readonly text: string;
  readonly reason: string;
}
