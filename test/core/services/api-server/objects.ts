import { parseCidr, type Cidr } from '../../../../src/core/model/ip.ts';
import type {
  Endpoints,
  EndpointSlice,
  KubernetesObject,
  Node,
  Pod,
  Service,
  ServicePortSpec,
} from '../../../../src/core/model/kubernetes.ts';
import type { ApiServerOptions } from '../../../../src/core/model/prepare-options.ts';
import type { Snapshot } from '../../../../src/core/model/snapshot.ts';
import { prepareSnapshot, type PreparedSnapshot } from '../../../../src/core/services/api-server/prepare-snapshot.ts';

/** Objects as a manifest that leaves everything out. */
export function service(name: string, over: Partial<Omit<Service, 'metadata'>> = {}, namespace = 'default'): Service {
  return {
    kind: 'Service',
    metadata: { name, namespace, labels: new Map() },
    type: undefined,
    clusterIP: undefined,
    clusterIPs: [],
    ipFamilies: [],
    ipFamilyPolicy: undefined,
    ports: [port(80)],
    selector: undefined,
    externalIPs: [],
    loadBalancerSourceRanges: [],
    allocateLoadBalancerNodePorts: undefined,
    sessionAffinity: undefined,
    sessionAffinityTimeoutSeconds: undefined,
    externalTrafficPolicy: undefined,
    internalTrafficPolicy: undefined,
    trafficDistribution: undefined,
    healthCheckNodePort: undefined,
    publishNotReadyAddresses: false,
    loadBalancerIngress: [],
    ...over,
  };
}

export function port(number: number, over: Partial<ServicePortSpec> = {}): ServicePortSpec {
  return { name: undefined, protocol: undefined, port: number, targetPort: undefined, nodePort: undefined, ...over };
}

export function pod(name: string, over: Partial<Omit<Pod, 'metadata'>> = {}, labels = { app: 'web' }): Pod {
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: new Map(Object.entries(labels)) },
    nodeName: 'node-a',
    containerPorts: [],
    podIPs: ['10.244.0.5'],
    phase: 'Running',
    ready: true,
    terminating: false,
    ...over,
  };
}

export function node(name: string, zone?: string): Node {
  const labels = new Map(zone === undefined ? [] : [['topology.kubernetes.io/zone', zone]]);
  return { kind: 'Node', metadata: { name, namespace: '', labels }, podCIDRs: [], addresses: [] };
}

export function endpoints(name: string, over: Partial<Endpoints> = {}, labels: Record<string, string> = {}): Endpoints {
  return {
    kind: 'Endpoints',
    metadata: { name, namespace: 'default', labels: new Map(Object.entries(labels)) },
    subsets: [],
    ...over,
  };
}

export function sliceOf(serviceName: string): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    metadata: {
      name: `${serviceName}-abc`,
      namespace: 'default',
      labels: new Map([['kubernetes.io/service-name', serviceName]]),
    },
    addressType: 'IPv4',
    ports: [],
    endpoints: [],
  };
}

export function snapshot(objects: readonly KubernetesObject[], locate: Snapshot['locate'] = () => undefined): Snapshot {
  const of = <K extends KubernetesObject['kind']>(kind: K): Extract<KubernetesObject, { kind: K }>[] =>
    objects.filter((o): o is Extract<KubernetesObject, { kind: K }> => o.kind === kind);
  return {
    services: of('Service'),
    endpointSlices: of('EndpointSlice'),
    endpoints: of('Endpoints'),
    nodes: of('Node'),
    pods: of('Pod'),
    locate,
  };
}

export const defaults: ApiServerOptions = {
  applyDefaults: true,
  serviceCidrs: [],
  nodePortRange: { from: 30_000, to: 32_767 },
};

export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

export interface Prepared extends PreparedSnapshot {
  readonly get: (name: string) => Service;
  readonly codes: readonly string[];
  /** The codes but for those of what was filled in or chosen. */
  readonly problems: readonly string[];
  readonly messages: (code: string) => string[];
}

/** Prepares some objects; the result with what tests ask for most. */
export function prepare(objects: readonly KubernetesObject[], options: Partial<ApiServerOptions> = {}): Prepared {
  const result = prepareSnapshot(snapshot(objects), { ...defaults, ...options });
  const get = (name: string): Service => {
    const found = result.snapshot.services.find((s) => s.metadata.name === name);
    if (found === undefined) throw new Error(`no Service ${name}`);
    return found;
  };
  const codes = result.diagnostics.map((d) => d.code);
  return {
    ...result,
    get,
    codes,
    problems: codes.filter((c) => !['defaults-applied', 'cluster-ip-allocated', 'node-port-allocated'].includes(c)),
    messages: (code: string): string[] => result.diagnostics.filter((d) => d.code === code).map((d) => d.message),
  };
}
