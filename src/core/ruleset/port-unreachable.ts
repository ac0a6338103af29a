import type { IpFamily } from '../model/ip.ts';

/** What REJECT answers with if nothing else is said; kube-proxy and IPVS say the same. */
export function portUnreachable(family: IpFamily): 'icmp-port-unreachable' | 'icmp6-port-unreachable' {
  return family === 'ipv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
}
