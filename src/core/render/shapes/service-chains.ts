/** nat/KUBE-SVC and nat/KUBE-SVL: one service port's choice among its endpoints, under the policy Cluster or Local. */
export const policyChainShape = {
  chain: { kind: 'text', doc: 'name of this chain, `KUBE-SVC-…` or `KUBE-SVL-…`' },
  servicePort: { kind: 'text', doc: '`namespace/name:port`' },
  masquerade: { kind: 'flag', doc: 'the first rule marks clusterIP traffic for masquerading' },
  notFromSource: { kind: 'text', doc: 'only traffic from outside this CIDR is marked; empty: not decided by source' },
  notFromInterface: {
    kind: 'text',
    doc: 'only traffic not from this interface is marked; empty: not decided by interface',
  },
  clusterIp: { kind: 'text', doc: 'the clusterIP with its prefix, `10.96.0.1/32`' },
  protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
  port: { kind: 'number', doc: 'port of the Service' },
  comments: { kind: 'flag', doc: 'endpoint rules have comments (not in large clusters)' },
  affinity: { kind: 'flag', doc: 'session affinity by client IP' },
  affinitySeconds: { kind: 'number', doc: 'how long a client stays with its endpoint' },
  recentMask: { kind: 'text', doc: 'the mask that `-m recent` prints in this family' },
  endpoints: {
    kind: 'list',
    doc: 'the endpoints, sorted as text',
    of: {
      endpoint: { kind: 'text', doc: '`address:port`' },
      chain: { kind: 'text', doc: 'the endpoint’s chain, `KUBE-SEP-…`' },
      probability: { kind: 'text', doc: 'chance of this rule once it is reached, 11 digits; empty for the last rule' },
    },
  },
} as const;

/** nat/KUBE-EXT: what happens to traffic to external IPs, load balancer IPs and nodePorts of a service port. */
export const externalChainShape = {
  chain: { kind: 'text', doc: 'name of this chain, `KUBE-EXT-…`' },
  servicePort: { kind: 'text', doc: '`namespace/name:port`' },
  policyLocal: { kind: 'flag', doc: 'externalTrafficPolicy is Local' },
  podTraffic: { kind: 'flag', doc: 'local Pods can be told from other sources' },
  podSource: { kind: 'text', doc: 'local Pods have addresses in this CIDR; empty: not told by source' },
  podInterface: { kind: 'text', doc: 'local Pods come through this interface; empty: not told by interface' },
  clusterChain: { kind: 'text', doc: 'the `KUBE-SVC-…` chain with all endpoints' },
  target: { kind: 'text', doc: 'chain for everything else; empty: there are no endpoints for it here' },
} as const;

/** nat/KUBE-FW: lets only some sources through to a load balancer IP. */
export const firewallChainShape = {
  chain: { kind: 'text', doc: 'name of this chain, `KUBE-FW-…`' },
  servicePort: { kind: 'text', doc: '`namespace/name:port`' },
  externalChain: { kind: 'text', doc: 'the `KUBE-EXT-…` chain' },
  sources: {
    kind: 'list',
    doc: 'allowed sources, in the order of the Service',
    of: { address: { kind: 'text', doc: 'a CIDR' } },
  },
} as const;

/** nat/KUBE-SEP: sends a connection to one endpoint. */
export const endpointChainShape = {
  chain: { kind: 'text', doc: 'name of this chain, `KUBE-SEP-…`' },
  servicePort: { kind: 'text', doc: '`namespace/name:port`' },
  comments: { kind: 'flag', doc: 'rules have comments (not in large clusters)' },
  address: { kind: 'text', doc: 'the endpoint’s address with its prefix, `10.244.0.1/32`' },
  endpoint: { kind: 'text', doc: '`address:port`' },
  protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
  affinity: { kind: 'flag', doc: 'remember the client (session affinity)' },
  recentMask: { kind: 'text', doc: 'the mask that `-m recent` prints in this family' },
} as const;
