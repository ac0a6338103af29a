import type { Protocol } from '../model/kubernetes.ts';
import type { Cidr, Ip } from '../model/ip.ts';
import type { Endpoint } from './endpoint.ts';

/** One port of one Service in one IP family: what clients can address, and under which policies. kube-proxy's ServicePort. */
export interface ServicePort {
  readonly namespace: string;
  readonly serviceName: string;
  /** "" for the only port of a Service. */
  readonly portName: string;
  /** `namespace/name:port`, or `namespace/name` for a port without a name: in every comment and in every chain's hash. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly clusterIp: Ip;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIps: readonly Ip[];
  readonly loadBalancerIps: readonly Ip[];
  /** Empty: everybody may use the load balancer IPs. */
  readonly sourceRanges: readonly Cidr[];
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  /** Session affinity by client IP for so many seconds; undefined: none. */
  readonly affinitySeconds: number | undefined;
  /** 0: none. */
  readonly healthCheckNodePort: number;
}

/** A ServicePort with the endpoints this node uses for it (semantics of KEP-1669, KEP-2086 and topology hints). */
export interface ServicePortEntry extends ServicePort {
  /** For the traffic policy Cluster, sorted by text. */
  readonly clusterEndpoints: readonly Endpoint[];
  /** For the traffic policy Local, sorted by text. */
  readonly localEndpoints: readonly Endpoint[];
  /** The union of both. */
  readonly reachableEndpoints: readonly Endpoint[];
  /** Everything on this node that is listed, ready or not: what is not used any more may still speak to its own Service. */
  readonly endpointsOnNode: readonly Endpoint[];
  /** Everything that answers, here or elsewhere, whatever policies and topology say: its connections may go on. */
  readonly servingEndpoints: readonly Endpoint[];
  /** Some endpoint is usable somewhere in the cluster: decides between REJECT (nowhere) and DROP (only not here). */
  readonly hasEndpoints: boolean;
}

/** Reachable by other than the clusterIP. */
export function isExternallyAccessible(port: ServicePort): boolean {
  return port.nodePort !== 0 || port.loadBalancerIps.length > 0 || port.externalIps.length > 0;
}

export function usesClusterEndpoints(port: ServicePort): boolean {
  return !port.internalPolicyLocal || isExternallyAccessible(port);
}

export function usesLocalEndpoints(port: ServicePort): boolean {
  return port.internalPolicyLocal || (port.externalPolicyLocal && isExternallyAccessible(port));
}
