import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import type { IpFamily } from '../model/ip.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { sortedBy } from '../util/order.ts';
import { categorizeEndpoints } from './categorize-endpoints.ts';
import { CollectedEndpoints, endpointsKey, type EndpointsMap } from './collect-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { resolveFrontendConflicts } from './frontend-conflicts.ts';
import { normalizeService } from './normalize-service.ts';
import type { ServicePort, ServicePortEntry } from './service-port.ts';
import { appendTo } from '../util/append.ts';

/**
 * The meaning: what one node must do with Service traffic of one family, before any backend is chosen. Every backend lowers it, and a
 * rule set is proved against it.
 */
export interface ServiceTable {
  readonly family: IpFamily;
  /** Sorted by namespace, name, port name and protocol. */
  readonly servicePorts: readonly ServicePortEntry[];
  /** Of all service ports, ready or not: above 1000 kube-proxy drops comments (large-cluster mode). */
  readonly endpointCount: number;
}

export interface ServiceTableOptions {
  readonly family: IpFamily;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly applyDefaults: boolean;
  readonly allowExternalIps: boolean;
}

/**
 * Called with the service ports of a table in its order, some hundred at a time, while it is built.
 *
 * @param atMost no fewer endpoints than the table will count; as many, where no two slices name the same
 */
export type OnServicePorts = (ports: readonly ServicePortEntry[], atMost: number) => void;

/** Service ports: few, so that nobody waits long for them. */
const FIRST_PART = 100;
/**
 * How much larger each part is than the one before. What is done with many small parts takes longer than with a few large ones: chains come
 * sorted in each, and iptables-legacy-restore takes 1.45 s for those of 5000 Services with 10 endpoints in 20 parts, 1.28 s in 5, 1.13 s at
 * once (1.8.9). It takes longer for a part than compiling the next, larger one.
 */
const GROWTH = 1.6;

export function buildServiceTable(
  snapshot: Snapshot,
  options: ServiceTableOptions,
  onServicePorts: OnServicePorts = () => {},
): { readonly table: ServiceTable; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const collected = new CollectedEndpoints(snapshot, options, diagnostics);
  const normalized = sortedBy(
    snapshot.services.flatMap((service) => normalizeService(service, options, diagnostics)),
    (port) => port.namespace,
    (port) => port.serviceName,
    (port) => port.portName,
    (port) => port.protocol,
  );
  const kept = resolveFrontendConflicts(normalized, diagnostics);
  const servicePorts: ServicePortEntry[] = [];
  let endpointCount = 0;
  for (let start = 0, size = FIRST_PART; start < kept.length; start += size, size = Math.round(size * GROWTH)) {
    const part = kept.slice(start, start + size).map((port) => {
      const endpoints = collected.of(port.namespace, port.serviceName, port.portName, port.protocol);
      endpointCount += endpoints.length;
      return withEndpoints(port, endpoints, options, diagnostics);
    });
    onServicePorts(part, collected.atMost);
    appendTo(servicePorts, part);
  }
  appendTo(diagnostics, unmatchedSlicePorts(normalized, collected.all()));
  return { table: { family: options.family, servicePorts, endpointCount }, diagnostics };
}

function withEndpoints(
  port: ServicePort,
  endpoints: readonly Endpoint[],
  options: ServiceTableOptions,
  diagnostics: Diagnostic[],
): ServicePortEntry {
  const chosen = categorizeEndpoints(endpoints, port, options);
  const { clusterEndpoints, localEndpoints, reachableEndpoints, endpointsOnNode, servingEndpoints } = chosen;
  const { hasEndpoints, hintsIgnored } = chosen;
  if (hintsIgnored !== undefined) {
    const { namespace, serviceName: name } = port;
    const message = `topology hints of ${port.name} are not used: ${hintsIgnored}`;
    diagnostics.push(diagnose('topology-not-used', { message, subject: { kind: 'Service', namespace, name } }));
  }
  // The spread stands last: V8 adds fields to a copied object several times slower than it copies into a new one.
  return {
    clusterEndpoints,
    localEndpoints,
    reachableEndpoints,
    endpointsOnNode,
    servingEndpoints,
    hasEndpoints,
    ...port,
  };
}

/** Endpoints whose port name and protocol no port of their Service has: a usual reason for "has no endpoints". */
function unmatchedSlicePorts(ports: readonly ServicePort[], endpoints: EndpointsMap): readonly Diagnostic[] {
  const served = new Map<string, ServicePort[]>();
  const keys = new Set<string>();
  for (const port of ports) {
    const service = `${port.namespace}/${port.serviceName}`;
    keys.add(endpointsKey(port.namespace, port.serviceName, port.portName, port.protocol));
    const same = served.get(service);
    if (same === undefined) served.set(service, [port]);
    else same.push(port);
  }
  const describe = (name: string, protocol: string): string => `${name === '' ? 'without a name' : name} (${protocol})`;
  const unmatched = [...endpoints.keys()].filter((key) => !keys.has(key));
  return unmatched.sort().flatMap((key) => {
    const [, service = '', portName = '', protocol = ''] = /^(.*):(.*)\/(.*)$/.exec(key) ?? [];
    const own = served.get(service);
    if (own === undefined) return [];
    const [namespace = '', name = ''] = service.split('/');
    const message = `EndpointSlices have endpoints for a port ${describe(portName, protocol)}, but the Service has only ${own.map((p) => describe(p.portName, p.protocol)).join(', ')}`;
    return [diagnose('slice-port-unmatched', { message, subject: { kind: 'Service', namespace, name } })];
  });
}
