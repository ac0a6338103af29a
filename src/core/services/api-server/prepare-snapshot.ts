/**
 * What the API server and its controllers would have made of the objects before kube-proxy saw them. Manifests as people keep them
 * in git leave most fields out; what kubectl prints comes through unchanged.
 *
 *     Service   -> defaults -> limits -> conflicts -> clusterIPs, nodePorts
 *     Endpoints -> EndpointSlices           (kube-proxy reads slices only)
 *     Pods      -> EndpointSlices           (for Services that have neither)
 */
import { sortDiagnostics, type Diagnostic } from '../../diag/diagnostic.ts';
import type { EndpointSlice, KubernetesObject, Service } from '../../model/kubernetes.ts';
import type { ApiServerOptions } from '../../model/prepare-options.ts';
import { objectKey, type Snapshot } from '../../model/snapshot.ts';
import { sortedBy } from '../../util/order.ts';
import { endpointsFromPods, wantsPods } from './endpoints-from-pods.ts';
import { mirrorEndpoints } from './mirror-endpoints.ts';
import { indexPods } from './pod-index.ts';
import { prepareServices } from './prepare-services.ts';
import { locateDiagnostics } from '../locate-diagnostics.ts';
import { servicesWithSlices } from './slice-index.ts';
import { validateSliceAddresses } from './validate-fields.ts';
import { appendTo } from '../../util/append.ts';

export interface PreparedSnapshot {
  readonly snapshot: Snapshot;
  /** Sorted, each with the location of its object. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A slice of ours, and what it was made of. */
interface MadeSlice {
  readonly slice: EndpointSlice;
  readonly source: KubernetesObject;
}

/** With `applyDefaults` false everything stays as it is; Endpoints, which kube-proxy does not read, are told of. */
export function prepareSnapshot(snapshot: Snapshot, options: ApiServerOptions): PreparedSnapshot {
  const sliced = servicesWithSlices(snapshot.endpointSlices);
  const prepared = options.applyDefaults
    ? prepareServices(snapshot.services, options)
    : { services: snapshot.services, diagnostics: [] };
  const { services } = prepared;
  const mirrored = mirroredSlices(snapshot, sliced, options.applyDefaults);
  const pods = options.applyDefaults ? podSlices(snapshot, services, sliced) : { made: [], diagnostics: [] };
  const made = [...mirrored.made, ...pods.made];
  const special = options.applyDefaults ? snapshot.endpointSlices.flatMap(validateSliceAddresses) : [];
  const diagnostics = [...prepared.diagnostics, ...mirrored.diagnostics, ...pods.diagnostics, ...special];
  return {
    snapshot: {
      ...snapshot,
      services,
      endpointSlices: withMade(snapshot.endpointSlices, made),
      locate: locator(snapshot, made),
    },
    diagnostics: sortDiagnostics(locateDiagnostics(diagnostics, snapshot)),
  };
}

/** Sorted like those that were read. */
function withMade(slices: readonly EndpointSlice[], made: readonly MadeSlice[]): readonly EndpointSlice[] {
  if (made.length === 0) return slices;
  const all = [...slices, ...made.map((m) => m.slice)];
  return sortedBy(
    all,
    (s) => s.metadata.namespace,
    (s) => s.metadata.name,
  );
}

interface Made {
  readonly made: readonly MadeSlice[];
  readonly diagnostics: readonly Diagnostic[];
}

function mirroredSlices(snapshot: Snapshot, sliced: ReadonlySet<string>, mirrors: boolean): Made {
  const results = snapshot.endpoints.map((source) => ({ source, ...mirrorEndpoints(source, sliced, mirrors) }));
  return {
    made: results.flatMap(({ source, slices }) => slices.map((slice) => ({ slice, source }))),
    diagnostics: results.flatMap((r) => r.diagnostics),
  };
}

function podSlices(snapshot: Snapshot, services: readonly Service[], sliced: ReadonlySet<string>): Made {
  const index = indexPods(snapshot.pods, snapshot.nodes);
  const withEndpoints = new Set(snapshot.endpoints.map(objectKey));
  const made: MadeSlice[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const service of services) {
    const key = objectKey(service);
    if (!wantsPods(service) || sliced.has(key) || withEndpoints.has(key)) continue;
    const found = endpointsFromPods(service, index);
    appendTo(diagnostics, found.diagnostics);
    made.push(...found.slices.map((slice) => ({ slice, source: service })));
  }
  return { made, diagnostics };
}

/** Services are copies now, and slices may be ours: both lead back to the object that was read. */
function locator(before: Snapshot, made: readonly MadeSlice[]): Snapshot['locate'] {
  const services = new Map(before.services.map((s) => [objectKey(s), s]));
  const sources = new Map<KubernetesObject, KubernetesObject>(made.map((m) => [m.slice, m.source]));
  return (object) => {
    const source = sources.get(object) ?? object;
    const original = source.kind === 'Service' ? services.get(objectKey(source)) : source;
    return before.locate(original ?? source);
  };
}
