/**
 * The ipsets of kube-proxy's ipvs mode, of all its versions. kube-router's KUBE-SRC-..., KUBE-DST-... and other sets are not among them,
 * so the beginning of the name says nothing.
 */
const SETS: readonly string[] = [
  'LOOP-BACK',
  'CLUSTER-IP',
  'EXTERNAL-IP',
  'EXTERNAL-IP-LOCAL',
  'LOAD-BALANCER',
  'LOAD-BALANCER-FW',
  'LOAD-BALANCER-LOCAL',
  'LOAD-BALANCER-SOURCE-IP',
  'LOAD-BALANCER-SOURCE-CIDR',
  'NODE-PORT-TCP',
  'NODE-PORT-UDP',
  'NODE-PORT-SCTP-HASH',
  'NODE-PORT-LOCAL-TCP',
  'NODE-PORT-LOCAL-UDP',
  'NODE-PORT-LOCAL-SCTP-HASH',
  'HEALTH-CHECK-NODE-PORT',
  'IPVS-IPS',
  // 1.8 and 1.9
  'LOAD-BALANCER-MASQ',
  // 1.12
  'NODE-PORT-SCTP',
  'NODE-PORT-LOCAL-SCTP',
];

/** ipset takes names of 31 characters; kube-proxy cuts its IPv6 names to that. */
const MAX_NAME = 31;

const names: ReadonlySet<string> = new Set(
  SETS.flatMap((name) => [`KUBE-${name}`, `KUBE-6-${name}`.slice(0, MAX_NAME)]),
);

export function isKubeProxySet(name: string): boolean {
  return names.has(name);
}
