import type { ViewOf } from '../shape.ts';

/** nat/KUBE-SERVICES: finds the service port of a packet by its destination. */
export const servicesChainShape = {
  frontends: {
    kind: 'list',
    doc: 'addresses with endpoints',
    of: {
      address: { kind: 'text', doc: 'destination with its prefix' },
      protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
      port: { kind: 'number', doc: 'port of the Service' },
      servicePort: { kind: 'text', doc: '`namespace/name:port`' },
      what: { kind: 'text', doc: '`cluster IP`, `external IP` or `loadbalancer IP`' },
      target: { kind: 'text', doc: 'chain that goes on with it' },
    },
  },
  nodePortsOnAllAddresses: { kind: 'flag', doc: 'nodePorts answer on every local address' },
  exceptAddress: { kind: 'text', doc: 'loopback range where nodePorts do not answer; empty: none' },
  nodePortAddresses: {
    kind: 'list',
    doc: 'the only addresses where nodePorts answer (nodePortAddresses)',
    of: { address: { kind: 'text', doc: 'address with its prefix' } },
  },
} as const;

export type ServicesChainView = ViewOf<typeof servicesChainShape>;

/** nat/KUBE-NODEPORTS: finds the service port by the nodePort. */
export const nodePortsChainShape = {
  nodePorts: {
    kind: 'list',
    doc: 'nodePorts with endpoints',
    of: {
      protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
      port: { kind: 'number', doc: 'the nodePort' },
      servicePort: { kind: 'text', doc: '`namespace/name:port`' },
      target: { kind: 'text', doc: 'chain that goes on with it' },
      countLocalhost: { kind: 'flag', doc: 'count connections through 127.0.0.0/8 (nfacct)' },
    },
  },
} as const;

export type NodePortsChainView = ViewOf<typeof nodePortsChainShape>;

/** filter/KUBE-SERVICES: refuses clusterIPs that have no endpoint to go to. */
export const refusedServicesShape = {
  rejectWith: { kind: 'text', doc: 'ICMP answer of REJECT in this family' },
  frontends: {
    kind: 'list',
    doc: 'clusterIPs without usable endpoints',
    of: {
      address: { kind: 'text', doc: 'destination with its prefix' },
      protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
      port: { kind: 'number', doc: 'port of the Service' },
      servicePort: { kind: 'text', doc: '`namespace/name:port`' },
      reject: { kind: 'flag', doc: 'no endpoint anywhere: REJECT; else none on this node: DROP' },
    },
  },
} as const;

export type RefusedServicesView = ViewOf<typeof refusedServicesShape>;

/** filter/KUBE-EXTERNAL-SERVICES: the same for external IPs, load balancer IPs and nodePorts. */
export const refusedExternalsShape = {
  rejectWith: { kind: 'text', doc: 'ICMP answer of REJECT in this family' },
  frontends: {
    kind: 'list',
    doc: 'external addresses and nodePorts without usable endpoints',
    of: {
      address: { kind: 'text', doc: 'destination with its prefix; empty for a nodePort, which is any local address' },
      protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
      port: { kind: 'number', doc: 'port of the Service, or nodePort' },
      servicePort: { kind: 'text', doc: '`namespace/name:port`' },
      reject: { kind: 'flag', doc: 'no endpoint anywhere: REJECT; else none on this node: DROP' },
    },
  },
} as const;

export type RefusedExternalsView = ViewOf<typeof refusedExternalsShape>;

/** filter/KUBE-PROXY-FIREWALL: drops what no KUBE-FW chain let through. */
export const proxyFirewallShape = {
  frontends: {
    kind: 'list',
    doc: 'load balancer IPs with source ranges',
    of: {
      address: { kind: 'text', doc: 'destination with its prefix' },
      protocol: { kind: 'text', doc: '`tcp`, `udp` or `sctp`' },
      port: { kind: 'number', doc: 'port of the Service' },
      servicePort: { kind: 'text', doc: '`namespace/name:port`' },
      firewallChain: { kind: 'text', doc: 'the `KUBE-FW-…` chain' },
    },
  },
} as const;

export type ProxyFirewallView = ViewOf<typeof proxyFirewallShape>;

/** filter/KUBE-NODEPORTS: lets load balancers reach the health check nodePorts. */
export const healthChecksShape = {
  healthChecks: {
    kind: 'list',
    doc: 'health check nodePorts',
    of: {
      servicePort: { kind: 'text', doc: '`namespace/name:port`' },
      port: { kind: 'number', doc: 'the healthCheckNodePort' },
    },
  },
} as const;

export type HealthChecksView = ViewOf<typeof healthChecksShape>;
