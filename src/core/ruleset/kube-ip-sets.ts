import type { IpFamily } from '../model/ip.ts';

/** The types of set that kube-proxy makes. */
export type KubeSetType = 'hash:ip' | 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net' | 'bitmap:port';

/** What is behind KUBE- and KUBE-6- in the names of the sets. */
export type KubeSet =
  | 'LOOP-BACK'
  | 'CLUSTER-IP'
  | 'EXTERNAL-IP'
  | 'EXTERNAL-IP-LOCAL'
  | 'LOAD-BALANCER'
  | 'LOAD-BALANCER-FW'
  | 'LOAD-BALANCER-LOCAL'
  | 'LOAD-BALANCER-SOURCE-IP'
  | 'LOAD-BALANCER-SOURCE-CIDR'
  | 'NODE-PORT-TCP'
  | 'NODE-PORT-LOCAL-TCP'
  | 'NODE-PORT-UDP'
  | 'NODE-PORT-LOCAL-UDP'
  | 'NODE-PORT-SCTP-HASH'
  | 'NODE-PORT-LOCAL-SCTP-HASH'
  | 'HEALTH-CHECK-NODE-PORT'
  | 'IPVS-IPS';

/** The sets of kube-proxy's ipvs mode, by what is behind KUBE- and KUBE-6- in their names. */
export const kubeIpSets: { readonly [S in KubeSet]: KubeSetType } = {
  'LOOP-BACK': 'hash:ip,port,ip',
  'CLUSTER-IP': 'hash:ip,port',
  'EXTERNAL-IP': 'hash:ip,port',
  'EXTERNAL-IP-LOCAL': 'hash:ip,port',
  'LOAD-BALANCER': 'hash:ip,port',
  'LOAD-BALANCER-FW': 'hash:ip,port',
  'LOAD-BALANCER-LOCAL': 'hash:ip,port',
  'LOAD-BALANCER-SOURCE-IP': 'hash:ip,port,ip',
  'LOAD-BALANCER-SOURCE-CIDR': 'hash:ip,port,net',
  'NODE-PORT-TCP': 'bitmap:port',
  'NODE-PORT-LOCAL-TCP': 'bitmap:port',
  'NODE-PORT-UDP': 'bitmap:port',
  'NODE-PORT-LOCAL-UDP': 'bitmap:port',
  'NODE-PORT-SCTP-HASH': 'hash:ip,port',
  'NODE-PORT-LOCAL-SCTP-HASH': 'hash:ip,port',
  'HEALTH-CHECK-NODE-PORT': 'bitmap:port',
  'IPVS-IPS': 'hash:ip',
};

// Object.keys gives strings, and these are the keys.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
export const kubeSetNames: readonly KubeSet[] = (Object.keys(kubeIpSets) as KubeSet[]).sort();

/** IPSET_MAXNAMELEN is 32 with the final NUL (linux/netfilter/ipset/ip_set.h); kube-proxy cuts its IPv6 names to that. */
const MAX_NAME = 31;

/** `KUBE-CLUSTER-IP`, `KUBE-6-LOAD-BALANCER-SOURCE-CID`. */
export function kubeSetName(set: string, family: IpFamily): string {
  return family === 'ipv4' ? `KUBE-${set}` : `KUBE-6-${set}`.slice(0, MAX_NAME);
}
