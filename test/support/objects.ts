import { isArray, isObject, type Json, type JsonObject } from './json.ts';

/** Kubernetes objects as `kubectl -o json` prints them. */
export interface EndpointPlan {
  readonly v4: string;
  readonly v6: string;
  readonly conditions: JsonObject | null | undefined;
  readonly nodeName: string | undefined;
  readonly hints: JsonObject | null | undefined;
}

export function sliceObject(
  service: { readonly namespace: string; readonly name: string },
  name: string,
  family: 'IPv4' | 'IPv6',
  ports: readonly Json[],
  endpoints: readonly EndpointPlan[],
): JsonObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: service.namespace, labels: { 'kubernetes.io/service-name': service.name } },
    addressType: family,
    ports,
    endpoints: endpoints.map((e) => ({
      addresses: [family === 'IPv4' ? e.v4 : e.v6],
      conditions: e.conditions,
      nodeName: e.nodeName,
      hints: e.hints,
    })),
  };
}

export function nodeObject(name: string, index: number, zone: string | undefined): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
      },
    },
    spec: { podCIDR: `10.244.${index}.0/24`, podCIDRs: [`10.244.${index}.0/24`, `fd00:10:244:${index}::/64`] },
    status: {
      addresses: [
        { type: 'InternalIP', address: `192.168.0.${10 + index}` },
        { type: 'InternalIP', address: `2001:db8:aaaa::${10 + index}` },
        { type: 'Hostname', address: name },
      ],
    },
  };
}

/** `undefined` members are left out, as in a file. */
export function asFile(objects: readonly JsonObject[]): JsonObject[] {
  return objects.map(withoutAbsent);
}

function withoutAbsent(object: JsonObject): JsonObject {
  const inside = (value: Json): Json =>
    isArray(value) ? value.map(inside) : isObject(value) ? withoutAbsent(value) : value;
  return Object.fromEntries(Object.entries(object).flatMap(([k, v]) => (v === undefined ? [] : [[k, inside(v)]])));
}

/** `namespace/name` of an object. */
export function keyOf(object: JsonObject): string {
  return `${metadataText(object, 'namespace')}/${nameOf(object)}`;
}

export function nameOf(object: JsonObject): string {
  return metadataText(object, 'name');
}

function metadataText({ metadata }: JsonObject, key: string): string {
  const value = isObject(metadata) ? metadata[key] : undefined;
  return typeof value === 'string' ? value : '';
}
