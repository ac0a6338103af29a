/** What the sets of the IPVS mode hold, by name without the `6-` of IPv6. Their names are fixed since 1.11. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['KUBE-LOOP-BACK', 'endpoints of this node with themselves as clients: masqueraded (hairpin)'],
  ['KUBE-CLUSTER-IP', 'cluster IPs and ports'],
  ['KUBE-EXTERNAL-IP', 'external IPs and ports under the policy Cluster'],
  ['KUBE-EXTERNAL-IP-LOCAL', 'external IPs and ports under the policy Local: not masqueraded'],
  ['KUBE-LOAD-BALANCER', 'load balancer IPs and ports'],
  ['KUBE-LOAD-BALANCER-LOCAL', 'load balancer IPs and ports under the policy Local: not masqueraded'],
  ['KUBE-LOAD-BALANCER-FW', 'load balancer IPs and ports with source ranges'],
  ['KUBE-LOAD-BALANCER-SOURCE-IP', 'load balancer IPs that may be used from an address of the node'],
  ['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'load balancer IPs and ports with the ranges that may use them'],
  ['KUBE-NODE-PORT-TCP', 'node ports of tcp under the policy Cluster: masqueraded'],
  ['KUBE-NODE-PORT-LOCAL-TCP', 'node ports of tcp under the policy Local: not masqueraded'],
  ['KUBE-NODE-PORT-UDP', 'node ports of udp under the policy Cluster: masqueraded'],
  ['KUBE-NODE-PORT-LOCAL-UDP', 'node ports of udp under the policy Local: not masqueraded'],
  ['KUBE-NODE-PORT-SCTP-HASH', 'node ports of sctp under the policy Cluster: masqueraded'],
  ['KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'node ports of sctp under the policy Local: not masqueraded'],
  ['KUBE-NODE-PORT-SCTP', 'node ports of sctp under the policy Cluster: masqueraded'],
  ['KUBE-NODE-PORT-LOCAL-SCTP', 'node ports of sctp under the policy Local: not masqueraded'],
  ['KUBE-HEALTH-CHECK-NODE-PORT', 'health check node ports: let in'],
  ['KUBE-IPVS-IPS', 'all addresses of kube-ipvs0: what is no port of a Service is rejected there'],
]);

/** The kernel's limit is 31 characters; kube-proxy cuts the names of IPv6, which are two longer. */
const LONGEST = 31;

const byPrintedName: ReadonlyMap<string, string> = new Map(
  [...MEANINGS].flatMap(([name, meaning]) => {
    const six = name.replace(/^KUBE-/, 'KUBE-6-').slice(0, LONGEST);
    return [
      [name, meaning],
      [six, meaning],
    ] as const;
  }),
);

/** Undefined for a set that is not kube-proxy's. */
export function ipvsSetMeaning(name: string): string | undefined {
  return byPrintedName.get(name);
}
