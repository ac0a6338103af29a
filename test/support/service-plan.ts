import type { JsonObject } from './json.ts';
import { sliceObject, type EndpointPlan } from './objects.ts';

export interface SnapshotOptions {
  /** Services may claim one another's external IPs and nodePorts, endpoints may be listed twice, and objects too. Default false. */
  readonly conflicts?: boolean;
  /** Every address and nodePort is given, as in what kubectl prints. Default false: some are left to be allocated. */
  readonly explicit?: boolean;
  /** Default 5. */
  readonly maxServices?: number;
  /** Default 6. */
  readonly maxEndpoints?: number;
}

export type ApiFamily = 'IPv4' | 'IPv6';

export interface PlannedEndpoint {
  readonly number: number;
  readonly conditions: JsonObject | null | undefined;
  readonly nodeName: string | undefined;
  readonly hints: JsonObject | null | undefined;
}

type Policy = 'Cluster' | 'Local' | undefined;

/** A Service and its endpoints as small choices; its place in the list gives it its addresses (`objectsOf`). */
export interface ServicePlan {
  readonly name: string;
  readonly namespace: string;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName' | undefined;
  readonly families: readonly ApiFamily[];
  readonly headless: boolean;
  readonly addressGiven: boolean;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: 'TCP' | 'UDP' | 'SCTP' | undefined;
    readonly port: number;
    readonly nodePort: 'given' | 'left out' | 'none';
  }[];
  /** Leaves out the name of an only port. */
  readonly unnamed: boolean;
  readonly externalTrafficPolicy: Policy;
  readonly internalTrafficPolicy: Policy;
  readonly affinity: number | 'default' | undefined;
  readonly externalIps: number;
  readonly ingress: readonly ('VIP' | 'Proxy' | 'hostname' | undefined)[];
  readonly sourceRanges: readonly string[];
  readonly labels: JsonObject;
  readonly publishNotReadyAddresses: boolean | undefined;
  readonly trafficDistribution: string | undefined;
  readonly source: 'slices' | 'Endpoints' | 'Pods' | 'none';
  readonly endpoints: readonly PlannedEndpoint[];
  /** So many endpoints are in the first slice or subset, the others in the second. */
  readonly cut: number;
}

function v6(group: number, host: number): string {
  return `fd00:${group}::${host.toString(16)}`;
}

interface Place {
  readonly index: number;
  readonly options: SnapshotOptions;
}

function namesOf(plan: ServicePlan, { index }: Place): { readonly namespace: string; readonly name: string } {
  const suffix = `-${index}`;
  return { namespace: plan.namespace, name: plan.name.slice(0, 63 - suffix.length) + suffix };
}

function portsOf(plan: ServicePlan, place: Place): readonly (JsonObject & { readonly name: string | undefined })[] {
  const balanced = plan.type === 'NodePort' || plan.type === 'LoadBalancer';
  return plan.ports.map((p, i) => {
    const own = 30_000 + (place.options.conflicts === true ? p.port % 7 : place.index * 5 + i);
    const given = place.options.explicit === true ? p.nodePort !== 'none' : p.nodePort === 'given';
    return {
      name: plan.unnamed && plan.ports.length === 1 ? undefined : p.name,
      protocol: p.protocol,
      port: p.port,
      targetPort: 8000 + i,
      nodePort: balanced && given ? own : undefined,
    };
  });
}

function externalAddress(place: Place, i: number, kind: number): string {
  const own = place.options.conflicts === true ? i : place.index * 4 + i;
  return i % 2 === 1 ? v6(kind, own + 1) : `203.0.${kind}.${own + 1}`;
}

function serviceObject(plan: ServicePlan, place: Place): JsonObject {
  const { namespace, name } = namesOf(plan, place);
  const addresses = plan.families.map((f) => (f === 'IPv4' ? `10.96.7.${place.index + 1}` : v6(96, place.index + 1)));
  const clusterIPs = plan.headless ? ['None'] : plan.addressGiven ? addresses : undefined;
  const localBalancer = plan.type === 'LoadBalancer' && plan.externalTrafficPolicy === 'Local';
  const affinity = plan.affinity === 'default' ? undefined : { clientIP: { timeoutSeconds: plan.affinity } };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: plan.labels },
    spec: {
      type: plan.type,
      externalName: plan.type === 'ExternalName' ? 'example.com' : undefined,
      clusterIP: clusterIPs?.[0],
      clusterIPs,
      ipFamilies: plan.families,
      ipFamilyPolicy: plan.families.length > 1 ? 'RequireDualStack' : 'SingleStack',
      ports: portsOf(plan, place),
      selector: plan.source === 'Pods' ? { app: name } : undefined,
      externalTrafficPolicy: plan.externalTrafficPolicy,
      internalTrafficPolicy: plan.internalTrafficPolicy,
      sessionAffinity: plan.affinity === undefined ? undefined : 'ClientIP',
      sessionAffinityConfig: plan.affinity === undefined ? undefined : affinity,
      externalIPs: Array.from({ length: plan.externalIps }, (_, i) => externalAddress(place, i, 113)),
      loadBalancerSourceRanges: plan.type === 'LoadBalancer' ? plan.sourceRanges : undefined,
      healthCheckNodePort: localBalancer && plan.addressGiven ? 32_000 + place.index : undefined,
      publishNotReadyAddresses: plan.publishNotReadyAddresses,
      trafficDistribution: plan.trafficDistribution,
      allocateLoadBalancerNodePorts:
        plan.type === 'LoadBalancer' && place.options.explicit === true ? false : undefined,
    },
    status: { loadBalancer: plan.type === 'LoadBalancer' ? { ingress: ingressOf(plan, place) } : {} },
  };
}

function ingressOf(plan: ServicePlan, place: Place): readonly JsonObject[] {
  return plan.ingress.map((mode, i) =>
    mode === 'hostname' ? { hostname: 'lb.example.com' } : { ip: externalAddress(place, i, 100), ipMode: mode },
  );
}

function endpointPlans(plan: ServicePlan, { index }: Place): readonly EndpointPlan[] {
  return plan.endpoints.map((e) => ({
    ...e,
    v4: `10.244.${index}.${e.number + 1}`,
    v6: v6(244 + index, e.number + 1),
  }));
}

function slicesOf(plan: ServicePlan, place: Place): readonly JsonObject[] {
  const service = namesOf(plan, place);
  const ports = portsOf(plan, place).map(({ name, protocol, targetPort }) => ({
    name: name ?? '',
    protocol,
    port: targetPort,
  }));
  const endpoints = endpointPlans(plan, place);
  const parts = [endpoints.slice(0, plan.cut), endpoints.slice(plan.cut)];
  // A duplicate that differs from the first, as while a Pod moves between slices.
  if (place.options.conflicts === true)
    parts.push(endpoints.slice(0, 1).map((e) => ({ ...e, conditions: { ready: false } })));
  return plan.families.flatMap((family) =>
    parts.flatMap((part, i) =>
      part.length === 0
        ? []
        : [sliceObject(service, `${service.name}-${family.toLowerCase()}-${i}`, family, ports, part)],
    ),
  );
}

function endpointsObject(plan: ServicePlan, place: Place): JsonObject {
  const address = (e: EndpointPlan): readonly JsonObject[] =>
    plan.families.map((f) => ({ ip: f === 'IPv4' ? e.v4 : e.v6, nodeName: e.nodeName }));
  const all = endpointPlans(plan, place);
  const ports = portsOf(plan, place).map(({ name, protocol, targetPort }) => ({ name, protocol, port: targetPort }));
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...namesOf(plan, place) },
    subsets: [
      {
        addresses: all.slice(0, plan.cut).flatMap(address),
        notReadyAddresses: all.slice(plan.cut).flatMap(address),
        ports,
      },
    ],
  };
}

function podObjects(plan: ServicePlan, place: Place): readonly JsonObject[] {
  const { namespace, name } = namesOf(plan, place);
  return endpointPlans(plan, place).map((e, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${i}-${place.index}`,
      namespace,
      labels: { app: name, tier: 'x' },
      deletionTimestamp: e.conditions?.['terminating'] === true ? '2026-01-01T00:00:00Z' : undefined,
    },
    spec: { nodeName: e.nodeName, containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8000 }] }] },
    status: {
      phase: 'Running',
      podIPs: [{ ip: e.v4 }, { ip: e.v6 }],
      conditions: [{ type: 'Ready', status: e.conditions?.['ready'] === false ? 'False' : 'True' }],
    },
  }));
}

/** The Service with its endpoints. */
export function objectsOf(plan: ServicePlan, index: number, options: SnapshotOptions): readonly JsonObject[] {
  const place = { index, options };
  const service = serviceObject(plan, place);
  switch (plan.source) {
    case 'slices':
      return [service, ...slicesOf(plan, place)];
    case 'Endpoints':
      return [service, endpointsObject(plan, place)];
    case 'Pods':
      return [service, ...podObjects(plan, place)];
    case 'none':
      return [service];
  }
}
