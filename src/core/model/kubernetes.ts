/**
 * The Kubernetes objects that shape a node's Service rules, reduced to the fields that do. The names are Kubernetes' own. A field that
 * the manifest leaves out is undefined here until `applyDefaults` fills it in; `decodeSnapshot` has checked every value's type and
 * every name's characters, so that no text of these objects can break out of a rule.
 */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

export type ApiIpFamily = 'IPv4' | 'IPv6';
export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type TrafficPolicy = 'Cluster' | 'Local';

export interface ObjectMeta {
  /** DNS label or subdomain. */
  readonly name: string;
  /** Empty for cluster-scoped objects (Node). `default` where the manifest names none. */
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

export interface ServicePortSpec {
  /** Undefined or "" for the only port of a Service. */
  readonly name: string | undefined;
  readonly protocol: Protocol | undefined;
  /** 1-65535 */
  readonly port: number;
  /** A number 1-65535, or the name of a container port. */
  readonly targetPort: number | string | undefined;
  /** 1-65535; undefined or 0 where there is none. */
  readonly nodePort: number | undefined;
}

export interface LoadBalancerIngress {
  readonly ip: string | undefined;
  readonly hostname: string | undefined;
  readonly ipMode: string | undefined;
}

export interface Service {
  readonly kind: 'Service';
  readonly metadata: ObjectMeta;
  readonly type: ServiceType | undefined;
  /** "" and undefined: none chosen yet. `None`: headless. */
  readonly clusterIP: string | undefined;
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly ApiIpFamily[];
  readonly ipFamilyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack' | undefined;
  readonly ports: readonly ServicePortSpec[];
  /** Undefined: no selector, endpoints are made by hand. */
  readonly selector: ReadonlyMap<string, string> | undefined;
  readonly externalIPs: readonly string[];
  readonly loadBalancerSourceRanges: readonly string[];
  readonly allocateLoadBalancerNodePorts: boolean | undefined;
  readonly sessionAffinity: 'None' | 'ClientIP' | undefined;
  /** 1-86400 seconds. */
  readonly sessionAffinityTimeoutSeconds: number | undefined;
  readonly externalTrafficPolicy: TrafficPolicy | undefined;
  readonly internalTrafficPolicy: TrafficPolicy | undefined;
  readonly trafficDistribution: string | undefined;
  readonly healthCheckNodePort: number | undefined;
  readonly publishNotReadyAddresses: boolean;
  readonly loadBalancerIngress: readonly LoadBalancerIngress[];
}

export interface SlicePort {
  readonly name: string | undefined;
  readonly port: number | undefined;
  readonly protocol: Protocol | undefined;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  /** Undefined conditions mean ready, serving, not terminating (KEP-1672). */
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

export interface EndpointSlice {
  readonly kind: 'EndpointSlice';
  readonly metadata: ObjectMeta;
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface EndpointsAddress {
  readonly ip: string;
  readonly nodeName: string | undefined;
}

export interface EndpointsSubset {
  readonly addresses: readonly EndpointsAddress[];
  readonly notReadyAddresses: readonly EndpointsAddress[];
  readonly ports: readonly SlicePort[];
}

export interface Endpoints {
  readonly kind: 'Endpoints';
  readonly metadata: ObjectMeta;
  readonly subsets: readonly EndpointsSubset[];
}

export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

export interface Node {
  readonly kind: 'Node';
  readonly metadata: ObjectMeta;
  readonly podCIDRs: readonly string[];
  readonly addresses: readonly NodeAddress[];
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: Protocol | undefined;
}

export interface Pod {
  readonly kind: 'Pod';
  readonly metadata: ObjectMeta;
  readonly nodeName: string | undefined;
  /** Named ports of the containers and of restartable init containers (sidecars). */
  readonly containerPorts: readonly ContainerPort[];
  readonly podIPs: readonly string[];
  readonly phase: string | undefined;
  /** The condition Ready is True. */
  readonly ready: boolean;
  /** A deletionTimestamp is set. */
  readonly terminating: boolean;
}

export type KubernetesObject = Service | EndpointSlice | Endpoints | Node | Pod;
