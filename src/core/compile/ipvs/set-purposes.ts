import type { KubeSet } from '../../ruleset/kube-ip-sets.ts';

/** What the members of each set are, in plain words, one line. */
export const setPurposes: { readonly [S in KubeSet]: string } = {
  'LOOP-BACK': 'endpoints on this node, each with itself as the source: masqueraded, so that a Pod can reach itself',
  'CLUSTER-IP': 'clusterIPs and ports',
  'EXTERNAL-IP': 'external IPs and ports, masqueraded',
  'EXTERNAL-IP-LOCAL': 'external IPs and ports with externalTrafficPolicy Local, not masqueraded',
  'LOAD-BALANCER': 'load balancer IPs and ports',
  'LOAD-BALANCER-FW': 'load balancer IPs and ports with source ranges',
  'LOAD-BALANCER-LOCAL': 'load balancer IPs and ports with externalTrafficPolicy Local, not masqueraded',
  'LOAD-BALANCER-SOURCE-IP': 'load balancer IPs that this node may use, with themselves as the source',
  'LOAD-BALANCER-SOURCE-CIDR': 'load balancer IPs and ports with the sources that are let in',
  'NODE-PORT-TCP': 'TCP nodePorts, masqueraded',
  'NODE-PORT-LOCAL-TCP': 'TCP nodePorts with externalTrafficPolicy Local, not masqueraded',
  'NODE-PORT-UDP': 'UDP nodePorts, masqueraded',
  'NODE-PORT-LOCAL-UDP': 'UDP nodePorts with externalTrafficPolicy Local, not masqueraded',
  'NODE-PORT-SCTP-HASH': 'addresses of the node and SCTP nodePorts, masqueraded',
  'NODE-PORT-LOCAL-SCTP-HASH':
    'addresses of the node and SCTP nodePorts with externalTrafficPolicy Local, not masqueraded',
  'HEALTH-CHECK-NODE-PORT': 'health check nodePorts, which programs of the node answer',
  'IPVS-IPS': 'the addresses of kube-ipvs0',
};
