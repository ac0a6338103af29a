import type { Cidr, IpFamily } from '../../model/ip.ts';
import type { ApiIpFamily, Service } from '../../model/kubernetes.ts';
import type { ApiServerOptions } from '../../model/prepare-options.ts';

/** The families a cluster gives Services addresses of, the primary one first (that of the first --service-cluster-ip-range). */
export interface ServiceCluster {
  readonly families: readonly ApiIpFamily[];
  readonly cidrs: ReadonlyMap<ApiIpFamily, Cidr>;
  /** The CIDRs are the user's own, so an address outside them is a fault. */
  readonly cidrsGiven: boolean;
}

// 10.96.0.0/16 is inside kubeadm's default 10.96.0.0/12; the IPv6 one is the common choice of dual-stack guides.
const DEFAULT_CIDRS: readonly Cidr[] = [
  { family: 'ipv4', text: '10.96.0.0/16', prefix: 16, base: 0x0a60_0000n },
  { family: 'ipv6', text: 'fd00:10:96::/112', prefix: 112, base: 0xfd00_0010_0096_0000_0000_0000_0000_0000n },
];

/** Without CIDRs of the user's the cluster is taken to be dual-stack, IPv4 first. */
export function serviceCluster(options: ApiServerOptions): ServiceCluster {
  const cidrsGiven = options.serviceCidrs.length > 0;
  const cidrs = cidrsGiven ? options.serviceCidrs : DEFAULT_CIDRS;
  const byFamily = new Map(cidrs.map((cidr) => [apiFamily(cidr.family), cidr]));
  return { families: [...byFamily.keys()], cidrs: byFamily, cidrsGiven };
}

/** The API writes families as IPv4 and IPv6. */
export function apiFamily(family: IpFamily): ApiIpFamily {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

/** A Service without a virtual IP: DNS answers with the endpoints' own addresses. */
export function isHeadless(service: Service): boolean {
  return service.clusterIP === 'None' || service.clusterIPs[0] === 'None';
}

/** Whether the API server gives the Service clusterIPs. */
export function hasClusterIPs(service: Service): boolean {
  return service.type !== 'ExternalName' && !isHeadless(service);
}

/** Whether the Service has node ports by its type. */
export function hasNodePorts(service: Service): boolean {
  return hasClusterIPs(service) && (service.type === 'NodePort' || service.type === 'LoadBalancer');
}

/** An empty selector selects nothing, as if there were none. */
export function hasSelector(service: Service): boolean {
  return service.selector !== undefined && service.selector.size > 0;
}
