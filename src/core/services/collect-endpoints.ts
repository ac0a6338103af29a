import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import type { IpFamily } from '../model/ip.ts';
import { parseIp } from '../model/ip.ts';
import type { EndpointSlice, Protocol, SliceEndpoint, SlicePort } from '../model/kubernetes.ts';
import { type Snapshot, subjectOf } from '../model/snapshot.ts';
import { compareBy, compareStrings } from '../util/order.ts';
import { endpointText, type Endpoint } from './endpoint.ts';
import { HEADLESS_LABEL, SERVICE_NAME_LABEL, SERVICE_PROXY_NAME_LABEL } from './labels.ts';

/** Endpoints by service port, sorted by text; the key is that of `endpointsKey`. */
export type EndpointsMap = ReadonlyMap<string, readonly Endpoint[]>;

/** Slices find their service port by these four, never by number: one name may be different numbers on different Pods. */
export function endpointsKey(namespace: string, service: string, portName: string, protocol: Protocol): string {
  return `${namespace}/${service}:${portName}/${protocol}`;
}

export interface CollectOptions {
  readonly family: IpFamily;
  readonly nodeName: string | undefined;
  /** Take a slice port without a name as named "", as the API server does. kube-proxy itself ignores it. */
  readonly applyDefaults: boolean;
}

interface Found {
  endpoint: Endpoint;
  slice: string;
}

/**
 * The endpoints of a family's service ports. A Service's slices are merged when its endpoints are asked for: in a large cluster that is
 * most of the work, and the first Services need not wait for the last.
 *
 * Where one ip:port stands in several slices, kube-proxy 1.36 lets a later entry replace an earlier one unless the later is terminating,
 * and takes slices in random order; here they are taken from the last name to the first, so that the slice whose name sorts first has the
 * last word.
 */
export class CollectedEndpoints {
  readonly #options: CollectOptions;
  readonly #diagnostics: Diagnostic[];
  /** By namespace/name of the Service, the last name first; those not merged yet. */
  readonly #slices = new Map<string, EndpointSlice[]>();
  readonly #endpoints = new Map<string, readonly Endpoint[]>();
  /** No fewer than there are: nothing is merged yet. */
  readonly atMost: number;

  /** Faults go to `diagnostics`, those of a Service when its slices are merged. */
  constructor(snapshot: Snapshot, options: CollectOptions, diagnostics: Diagnostic[]) {
    this.#options = options;
    this.#diagnostics = diagnostics;
    const services = new Set(snapshot.services.map((s) => `${s.metadata.namespace}/${s.metadata.name}`));
    let atMost = 0;
    for (const slice of snapshot.endpointSlices.toReversed()) {
      const service = serviceOf(slice, services, snapshot, diagnostics);
      if (service === undefined || slice.addressType !== (options.family === 'ipv4' ? 'IPv4' : 'IPv6')) continue;
      atMost += slice.endpoints.length * slice.ports.length;
      const key = `${slice.metadata.namespace}/${service}`;
      const others = this.#slices.get(key);
      if (others === undefined) this.#slices.set(key, [slice]);
      else others.push(slice);
    }
    this.atMost = atMost;
  }

  /** Sorted by text. */
  of(namespace: string, service: string, portName: string, protocol: Protocol): readonly Endpoint[] {
    this.#merge(namespace, service);
    return this.#endpoints.get(endpointsKey(namespace, service, portName, protocol)) ?? [];
  }

  /** Those of Services that nobody has asked for as well. */
  all(): EndpointsMap {
    for (const [slice] of this.#slices.values()) {
      if (slice !== undefined)
        this.#merge(slice.metadata.namespace, slice.metadata.labels.get(SERVICE_NAME_LABEL) ?? '');
    }
    return this.#endpoints;
  }

  #merge(namespace: string, service: string): void {
    const key = `${namespace}/${service}`;
    const slices = this.#slices.get(key);
    if (slices === undefined) return;
    this.#slices.delete(key);
    const found = new Map<string, Map<string, Found>>();
    for (const slice of slices) this.#addSlice(slice, service, found);
    for (const [port, byText] of found) {
      const sorted = Array.from(byText.values(), (f) => f.endpoint);
      this.#endpoints.set(
        port,
        sorted.sort((a, b) => compareStrings(a.text, b.text)),
      );
    }
  }

  #addSlice(slice: EndpointSlice, service: string, found: Map<string, Map<string, Found>>): void {
    const endpoints = usableEndpoints(slice, this.#options, this.#diagnostics);
    for (const port of slice.ports) {
      const number = port.port ?? 0;
      const name = port.name ?? (this.#options.applyDefaults ? '' : undefined);
      if (number === 0 || name === undefined) {
        this.#diagnostics.push(skippedPort(slice, port));
        continue;
      }
      const key = endpointsKey(slice.metadata.namespace, service, name, port.protocol ?? 'TCP');
      const known = found.get(key) ?? new Map<string, Found>();
      found.set(key, known);
      for (const endpoint of endpoints) addEndpoint(known, withPort(endpoint, number), slice, this.#diagnostics);
    }
  }
}

/** All at once. */
export function collectEndpoints(
  snapshot: Snapshot,
  options: CollectOptions,
): { readonly endpoints: EndpointsMap; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  return { endpoints: new CollectedEndpoints(snapshot, options, diagnostics).all(), diagnostics };
}

function serviceOf(
  slice: EndpointSlice,
  services: ReadonlySet<string>,
  snapshot: Snapshot,
  diagnostics: Diagnostic[],
): string | undefined {
  const { labels, namespace } = slice.metadata;
  if (labels.has(HEADLESS_LABEL) || labels.has(SERVICE_PROXY_NAME_LABEL)) return undefined;
  const service = labels.get(SERVICE_NAME_LABEL) ?? '';
  const report = (
    code: 'slice-without-service' | 'slice-for-unknown-service' | 'slice-fqdn',
    message: string,
  ): void => {
    diagnostics.push(diagnose(code, { message, subject: subjectOf(slice), location: snapshot.locate(slice) }));
  };
  if (service === '') {
    report('slice-without-service', `the label ${SERVICE_NAME_LABEL} is missing; the slice is ignored`);
    return undefined;
  }
  if (!services.has(`${namespace}/${service}`)) {
    report(
      'slice-for-unknown-service',
      `its Service ${namespace}/${service} is not in the input; the slice is ignored`,
    );
    return undefined;
  }
  if (slice.addressType === 'FQDN') {
    report('slice-fqdn', 'its addresses are names (addressType FQDN); the slice is ignored');
  }
  return service;
}

type Addressed = Omit<Endpoint, 'port' | 'text'>;

function usableEndpoints(
  slice: EndpointSlice,
  options: CollectOptions,
  diagnostics: Diagnostic[],
): readonly Addressed[] {
  const usable: Addressed[] = [];
  for (const [i, endpoint] of slice.endpoints.entries()) {
    // Only the first address counts; the others were never used by any proxy (EndpointSlice API, `addresses`).
    const text = endpoint.addresses[0];
    const ip = text === undefined ? undefined : parseIp(text);
    if (ip?.family === options.family) {
      usable.push(toEndpoint(endpoint, ip, options.nodeName));
      continue;
    }
    const what =
      text === undefined
        ? 'has no address'
        : `has the address ${JSON.stringify(text)}, no ${slice.addressType} address`;
    const message = `endpoints[${i}] ${what}; it is skipped`;
    diagnostics.push(diagnose('endpoint-skipped', { message, subject: subjectOf(slice) }));
  }
  return usable;
}

function toEndpoint(endpoint: SliceEndpoint, ip: Endpoint['ip'], nodeName: string | undefined): Addressed {
  return {
    ip,
    ready: endpoint.ready ?? true,
    serving: endpoint.serving ?? true,
    terminating: endpoint.terminating ?? false,
    local: nodeName !== undefined && endpoint.nodeName === nodeName,
    zoneHints: endpoint.zoneHints,
    nodeHints: endpoint.nodeHints,
  };
}

function withPort(endpoint: Addressed, port: number): Endpoint {
  const { ip, ready, serving, terminating, local, zoneHints, nodeHints } = endpoint;
  return { ip, port, text: endpointText(ip, port), ready, serving, terminating, local, zoneHints, nodeHints };
}

function addEndpoint(
  known: Map<string, Found>,
  endpoint: Endpoint,
  slice: EndpointSlice,
  diagnostics: Diagnostic[],
): void {
  const before = known.get(endpoint.text);
  const name = slice.metadata.name;
  if (before === undefined) {
    known.set(endpoint.text, { endpoint, slice: name });
    return;
  }
  const replaces = !endpoint.terminating;
  const where = before.slice === name ? `twice in ${name}` : `in ${[before.slice, name].sort().join(' and ')}`;
  const outcome = sameState(before.endpoint, endpoint)
    ? 'the entries agree'
    : `the entries differ, and the one in ${replaces ? name : before.slice} is used`;
  const message = `${endpoint.text} is listed ${where}; ${outcome}`;
  diagnostics.push(diagnose('duplicate-endpoint', { message, subject: subjectOf(slice) }));
  if (replaces) known.set(endpoint.text, { endpoint, slice: name });
}

const stateOrder = compareBy<Endpoint>(
  (e) => Number(e.ready),
  (e) => Number(e.serving),
  (e) => Number(e.terminating),
  (e) => Number(e.local),
  (e) => e.zoneHints.join(),
  (e) => e.nodeHints.join(),
);

function sameState(a: Endpoint, b: Endpoint): boolean {
  return stateOrder(a, b) === 0;
}

function skippedPort(slice: EndpointSlice, port: SlicePort): Diagnostic {
  const name = port.name === undefined ? 'a port without a name' : `the port ${JSON.stringify(port.name)}`;
  const why = (port.port ?? 0) === 0 ? 'has no number' : 'cannot be matched to a port of the Service';
  return diagnose('slice-port-skipped', { message: `${name} ${why}; it is skipped`, subject: subjectOf(slice) });
}
