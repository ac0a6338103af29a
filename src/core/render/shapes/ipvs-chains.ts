import type { ViewOf } from '../shape.ts';

// Names of sets differ between the families. Where a rule is there only if its set has members, the name is empty otherwise.

/** filter/KUBE-FORWARD */
export const ipvsForwardShape = {
  mark: { kind: 'text', doc: 'the masquerade bit, `0x4000`' },
} as const;

/** filter/KUBE-IPVS-FILTER */
export const ipvsFilterShape = {
  loadBalancerSet: { kind: 'text', doc: 'set of load balancer IPs and ports' },
  clusterIpSet: { kind: 'text', doc: 'set of clusterIPs and ports' },
  externalIpSet: { kind: 'text', doc: 'set of external IPs and ports' },
  externalIpLocalSet: { kind: 'text', doc: 'set of those with externalTrafficPolicy Local' },
  healthCheckSet: { kind: 'text', doc: 'set of health check nodePorts' },
  addressSet: { kind: 'text', doc: 'set of the addresses of kube-ipvs0' },
  rejectWith: { kind: 'text', doc: 'ICMP answer of REJECT in this family' },
} as const;

/** filter/KUBE-IPVS-OUT-FILTER */
export const ipvsOutFilterShape = {
  closed: {
    kind: 'list',
    doc: 'load balancer IPs with source ranges, none of which holds the node',
    of: {
      source: { kind: 'text', doc: 'the IP with its prefix' },
      address: { kind: 'text', doc: 'the IP' },
      protocolNumber: { kind: 'number', doc: '6, 17 or 132' },
      port: { kind: 'number', doc: 'port of the Service' },
    },
  },
} as const;

export type IpvsOutFilterView = ViewOf<typeof ipvsOutFilterShape>;

/** filter/KUBE-NODE-PORT */
export const ipvsHealthCheckShape = {
  healthCheckSet: { kind: 'text', doc: 'set of health check nodePorts' },
} as const;

/** filter/KUBE-PROXY-FIREWALL */
export const ipvsFirewallShape = {
  guardedSet: { kind: 'text', doc: 'set of load balancer IPs and ports with source ranges; empty: there are none' },
} as const;

/** filter/KUBE-SOURCE-RANGES-FIREWALL */
export const ipvsSourceRangesShape = {
  sourceCidrSet: { kind: 'text', doc: 'set of load balancer IPs and ports with a source range; empty: there are none' },
  sourceIpSet: {
    kind: 'text',
    doc: 'set of those that the node may use, with their own IP as source; empty: there are none',
  },
} as const;

/** nat/KUBE-LOAD-BALANCER */
export const ipvsLoadBalancerShape = {
  localSet: {
    kind: 'text',
    doc: 'set of load balancer IPs and ports with externalTrafficPolicy Local; empty: there are none',
  },
} as const;

/** nat/KUBE-NODE-PORT */
export const ipvsNodePortShape = {
  tcpLocalSet: { kind: 'text', doc: 'set of TCP nodePorts with externalTrafficPolicy Local; empty: there are none' },
  tcpSet: { kind: 'text', doc: 'set of all TCP nodePorts; empty: there are none' },
  udpLocalSet: { kind: 'text', doc: 'set of UDP nodePorts with externalTrafficPolicy Local; empty: there are none' },
  udpSet: { kind: 'text', doc: 'set of all UDP nodePorts; empty: there are none' },
  sctpLocalSet: {
    kind: 'text',
    doc: 'set of addresses and SCTP nodePorts with externalTrafficPolicy Local; empty: there are none',
  },
  sctpSet: { kind: 'text', doc: 'set of addresses and all SCTP nodePorts; empty: there are none' },
} as const;

/** nat/KUBE-POSTROUTING */
export const ipvsPostroutingShape = {
  hairpinSet: { kind: 'text', doc: 'set of endpoints on this node with their own IP as source; empty: there are none' },
  mark: { kind: 'text', doc: 'the masquerade bit, `0x4000`' },
  randomFully: { kind: 'flag', doc: 'choose source ports at random (iptables 1.6.2, Linux 3.13)' },
} as const;

/** nat/KUBE-SERVICES */
export const ipvsServicesShape = {
  loopback: { kind: 'text', doc: 'the loopback range of the family' },
  loadBalancerSet: { kind: 'text', doc: 'set of load balancer IPs and ports; empty: there are none' },
  clusterIpSet: { kind: 'text', doc: 'set of clusterIPs and ports; empty: there are none' },
  masquerade: { kind: 'flag', doc: 'there are clusterIPs, and some traffic to them is masqueraded' },
  notFromSource: { kind: 'text', doc: 'only traffic from outside this CIDR; empty: not decided by source' },
  notFromInterface: { kind: 'text', doc: 'only traffic not from this interface; empty: not decided by interface' },
  fromServiceAddress: { kind: 'flag', doc: 'only traffic that comes from a clusterIP: local Pods cannot be told' },
  externalIpSet: { kind: 'text', doc: 'set of external IPs and ports; empty: there are none' },
  externalIpLocalSet: { kind: 'text', doc: 'set of those with externalTrafficPolicy Local; empty: there are none' },
} as const;

export type IpvsServicesView = ViewOf<typeof ipvsServicesShape>;
