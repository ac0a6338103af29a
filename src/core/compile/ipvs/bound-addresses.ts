import type { Ip } from '../../model/ip.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import { sortedBy } from '../../util/order.ts';

/**
 * The addresses of kube-ipvs0: those of all Services, since IPVS sees only packets for addresses of the node. External and load balancer
 * IPs that another interface has already (`own`) stay there alone.
 */
export function boundAddresses(ports: readonly ServicePortEntry[], own: readonly Ip[]): readonly Ip[] {
  const elsewhere = new Set(own.map((ip) => ip.text));
  const bound = new Map<string, Ip>();
  for (const { clusterIp, externalIps, loadBalancerIps } of ports) {
    bound.set(clusterIp.text, clusterIp);
    for (const ip of [...externalIps, ...loadBalancerIps]) if (!elsewhere.has(ip.text)) bound.set(ip.text, ip);
  }
  return sortedBy([...bound.values()], (ip) => ip.text);
}
