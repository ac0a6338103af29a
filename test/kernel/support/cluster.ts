// Kubernetes objects for the laboratory's network, in both families at once. The Services are written out as the API server
// stores them, so that the compiler has nothing to fill in.
import { NODE, podAddress, SERVER_PORT, type AddressPair, type Family } from '../../../scripts/lab/addresses.ts';
import type { LabPod } from '../../../scripts/lab/build-lab.ts';

export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** Clients and endpoints of the tests. `client` never is an endpoint; web-3 is on the other node. */
export const CLIENT: LabPod = { name: 'client', node: 'a', address: podAddress('a', 9) };
export const WEB: readonly [LabPod, LabPod, LabPod] = [
  { name: 'web-1', node: 'a', address: podAddress('a', 11) },
  { name: 'web-2', node: 'a', address: podAddress('a', 12) },
  { name: 'web-3', node: 'b', address: podAddress('b', 13) },
];

/** Pods of the whole cluster are local traffic. */
export const CLUSTER_CIDRS = '10.244.0.0/16,fd00:10:244::/56';

export interface ServiceSpec {
  readonly name: string;
  /** Tells the addresses apart: clusterIP 10.96.1.N, LoadBalancer IP 198.51.100.N, nodePort 30000 + N. */
  readonly number: number;
  readonly endpoints: readonly LabPod[];
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  /** Further fields of the Service's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function clusterIp(service: ServiceSpec): AddressPair {
  return { ipv4: `10.96.1.${service.number}`, ipv6: `fd00:10:96::1:${service.number}` };
}

export function loadBalancerIp(service: ServiceSpec): AddressPair {
  return { ipv4: `198.51.100.${service.number}`, ipv6: `2001:db8:dddd::${service.number}` };
}

export function nodePort(service: ServiceSpec): number {
  return 30_000 + service.number;
}

export const SERVICE_PORT = 80;

function both(pair: AddressPair): string[] {
  return [pair.ipv4, pair.ipv6];
}

function nodeObjects(): unknown[] {
  const node = (name: string, cidrs: readonly string[], addresses: readonly string[]): unknown => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR: cidrs[0], podCIDRs: cidrs },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  });
  return [
    node('node-a', ['10.244.0.0/24', 'fd00:10:244:0::/64'], both(NODE)),
    node('node-b', ['10.244.1.0/24', 'fd00:10:244:1::/64'], ['192.168.1.11', '2001:db8:bbbb::11']),
  ];
}

function serviceObject(service: ServiceSpec): unknown {
  const { name, protocol = 'TCP', spec = {} } = service;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'lab', name },
    spec: {
      type: 'LoadBalancer',
      clusterIP: clusterIp(service).ipv4,
      clusterIPs: both(clusterIp(service)),
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
      ports: [{ name: 'echo', protocol, port: SERVICE_PORT, targetPort: SERVER_PORT, nodePort: nodePort(service) }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      ...spec,
    },
    status: { loadBalancer: { ingress: both(loadBalancerIp(service)).map((ip) => ({ ip })) } },
  };
}

function sliceObject(service: ServiceSpec, family: Family): unknown {
  const { name, protocol = 'TCP', endpoints } = service;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'lab', name: `${name}-${family}`, labels: { 'kubernetes.io/service-name': name } },
    addressType: family === 'ipv4' ? 'IPv4' : 'IPv6',
    ports: [{ name: 'echo', protocol, port: SERVER_PORT }],
    endpoints: endpoints.map((pod) => ({
      addresses: [pod.address[family]],
      nodeName: `node-${pod.node}`,
      conditions: { ready: true, serving: true, terminating: false },
    })),
  };
}

export function clusterObjects(services: readonly ServiceSpec[]): unknown[] {
  return [
    ...nodeObjects(),
    ...services.flatMap((service) => [
      serviceObject(service),
      ...FAMILIES.map((family) => sliceObject(service, family)),
    ]),
  ];
}
