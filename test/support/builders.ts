/** Values of the model with as little as a test needs to say. */
import { parseCidr, parseIp, type Cidr, type Ip } from '../../src/core/model/ip.ts';
import type { EndpointSlice, KubernetesObject, Node, SliceEndpoint } from '../../src/core/model/kubernetes.ts';
import type { ProxyConfig } from '../../src/core/model/proxy-config.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import { decodeProxyConfig } from '../../src/core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../src/core/model/decode/decode-snapshot.ts';
import { endpointText, type Endpoint } from '../../src/core/services/endpoint.ts';
import type { ServicePort } from '../../src/core/services/service-port.ts';

export function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
}

export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`no CIDR: ${text}`);
  return parsed;
}

/** Ready, serving, not terminating, elsewhere, without hints, unless `over` says otherwise. */
export function endpoint(address: string, over: Partial<Endpoint> = {}, port: number = 8080): Endpoint {
  return {
    ip: ip(address),
    port,
    text: endpointText(ip(address), port),
    ready: true,
    serving: true,
    terminating: false,
    local: false,
    zoneHints: [],
    nodeHints: [],
    ...over,
  };
}

/** A port of `shop/web` that only its clusterIP reaches. */
export function servicePort(over: Partial<ServicePort> = {}): ServicePort {
  const { namespace = 'shop', serviceName = 'web', portName = 'http' } = over;
  return {
    namespace,
    serviceName,
    portName,
    name: portName === '' ? `${namespace}/${serviceName}` : `${namespace}/${serviceName}:${portName}`,
    protocol: 'TCP',
    clusterIp: ip('10.96.0.10'),
    port: 80,
    nodePort: 0,
    externalIps: [],
    loadBalancerIps: [],
    sourceRanges: [],
    externalPolicyLocal: false,
    internalPolicyLocal: false,
    affinitySeconds: undefined,
    healthCheckNodePort: 0,
    ...over,
  };
}

export function sliceEndpoint(address: string, over: Partial<SliceEndpoint> = {}): SliceEndpoint {
  return {
    addresses: [address],
    ready: undefined,
    serving: undefined,
    terminating: undefined,
    nodeName: undefined,
    zone: undefined,
    zoneHints: [],
    nodeHints: [],
    ...over,
  };
}

/** An IPv4 slice of `shop/web` with the port http 8080. */
export function slice(
  name: string,
  endpoints: readonly SliceEndpoint[],
  over: Partial<Omit<EndpointSlice, 'metadata'>> = {},
  labels: Readonly<Record<string, string>> = { 'kubernetes.io/service-name': 'web' },
): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: new Map(Object.entries(labels)) },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
    ...over,
  };
}

export function node(name: string, over: Partial<Omit<Node, 'metadata'>> = {}, zone?: string): Node {
  const labels = new Map(zone === undefined ? [] : [['topology.kubernetes.io/zone', zone]]);
  return { kind: 'Node', metadata: { name, namespace: '', labels }, podCIDRs: [], addresses: [], ...over };
}

/** Sorted as `decodeSnapshot` sorts. */
export function snapshotOf(...objects: readonly KubernetesObject[]): Snapshot {
  const empty = decodeSnapshot([], []).snapshot;
  const sorted = objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const ofKind = <K extends KubernetesObject['kind']>(kind: K): Extract<KubernetesObject, { kind: K }>[] =>
    sorted.filter((o): o is Extract<KubernetesObject, { kind: K }> => o.kind === kind);
  return {
    ...empty,
    services: ofKind('Service'),
    endpointSlices: ofKind('EndpointSlice'),
    endpoints: ofKind('Endpoints'),
    nodes: ofKind('Node'),
    pods: ofKind('Pod'),
  };
}

/** kube-proxy's defaults, and what `over` changes. */
export function proxyConfig(over: Partial<ProxyConfig> = {}): ProxyConfig {
  return { ...decodeProxyConfig(undefined).config, ...over };
}

/** A Service as a document. */
export function serviceDocument(
  spec: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { clusterIP: '10.96.0.10', ports: [{ name: 'http', protocol: 'TCP', port: 80 }], ...spec },
  };
}

/** Its slice, with an endpoint on node-a. */
export function sliceDocument(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: [{ addresses: ['10.244.0.5'], nodeName: 'node-a' }],
    ...over,
  };
}
