import type { Endpoint } from './endpoint.ts';
import { usesClusterEndpoints, usesLocalEndpoints, type ServicePort, type ServicePortEntry } from './service-port.ts';

/** Where this node stands, for topology hints. Undefined: unknown. */
export interface Place {
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
}

type EndpointChoice = Pick<
  ServicePortEntry,
  'clusterEndpoints' | 'localEndpoints' | 'reachableEndpoints' | 'endpointsOnNode' | 'servingEndpoints' | 'hasEndpoints'
> & {
  /** Why hints that are there are not followed; undefined where they are, or there are none. */
  readonly hintsIgnored: string | undefined;
};

/**
 * Which endpoints this node uses for a service port (kube-proxy's CategorizeEndpoints). The Cluster set honours topology hints; with
 * no ready endpoint at all, those that still serve while terminating are used (KEP-1669). The Local set decides for itself whether it
 * falls back to terminating ones, and never looks at hints. `endpoints` is sorted by text.
 */
export function categorizeEndpoints(endpoints: readonly Endpoint[], port: ServicePort, place: Place): EndpointChoice {
  const usesCluster = usesClusterEndpoints(port);
  const usesLocal = usesLocalEndpoints(port);
  const ready = endpoints.filter((e) => e.ready);
  const draining = endpoints.filter((e) => !e.ready && e.serving && e.terminating);
  const topology = usesCluster ? chooseTopology(ready, place) : UNFILTERED;
  const inTopology = topology === UNFILTERED ? ready : ready.filter(topology.accepts);
  const clusterEndpoints = !usesCluster ? [] : inTopology.length > 0 ? inTopology : draining;
  const localEndpoints = usesLocal ? localOrDraining(ready, draining) : [];
  return {
    clusterEndpoints,
    localEndpoints,
    reachableEndpoints: union(clusterEndpoints, localEndpoints, endpoints),
    endpointsOnNode: endpoints.filter((e) => e.local),
    servingEndpoints: endpoints.every(answers) ? endpoints : endpoints.filter(answers),
    hasEndpoints: ready.length > 0 || draining.length > 0,
    hintsIgnored: topology.ignored,
  };
}

function answers({ ready, serving }: Endpoint): boolean {
  return ready || serving;
}

function localOrDraining(ready: readonly Endpoint[], draining: readonly Endpoint[]): readonly Endpoint[] {
  const localReady = ready.filter((e) => e.local);
  return localReady.length > 0 ? localReady : draining.filter((e) => e.local);
}

/** In the order of all endpoints, as both choices are. */
function union(a: readonly Endpoint[], b: readonly Endpoint[], all: readonly Endpoint[]): readonly Endpoint[] {
  if (b.length === 0) return a;
  const either = new Set([...a, ...b]);
  return all.filter((e) => either.has(e));
}

interface Topology {
  readonly accepts: (endpoint: Endpoint) => boolean;
  readonly ignored: string | undefined;
}

const UNFILTERED: Topology = { accepts: () => true, ignored: undefined };

/** Hints work for all ready endpoints or for none, and only if one is meant for this node or zone: never an empty choice. */
function chooseTopology(ready: readonly Endpoint[], place: Place): Topology {
  const { nodeName, zone } = place;
  const withNodeHints = ready.filter((e) => e.nodeHints.length > 0);
  const withZoneHints = ready.filter((e) => e.zoneHints.length > 0);
  if (withNodeHints.length === 0 && withZoneHints.length === 0) return UNFILTERED;
  if (nodeName !== undefined && withNodeHints.length === ready.length) {
    const forNode = (e: Endpoint): boolean => e.nodeHints.includes(nodeName);
    if (ready.some(forNode)) return { accepts: forNode, ignored: undefined };
  }
  if (zone !== undefined && withZoneHints.length === ready.length) {
    const forZone = (e: Endpoint): boolean => e.zoneHints.includes(zone);
    if (ready.some(forZone)) return { accepts: forZone, ignored: undefined };
  }
  return { ...UNFILTERED, ignored: whyIgnored(ready.length, withZoneHints.length, withNodeHints.length, place) };
}

function whyIgnored(ready: number, zoneHinted: number, nodeHinted: number, place: Place): string {
  const hinted = Math.max(zoneHinted, nodeHinted);
  if (hinted < ready) {
    const without = ready - hinted;
    return `${without} of ${ready} ready endpoints ${without === 1 ? 'has' : 'have'} no hint`;
  }
  if (zoneHinted === ready && place.zone === undefined) return 'the zone of this node is not known';
  if (zoneHinted === ready) return `no ready endpoint is meant for the zone ${place.zone ?? ''}`;
  return place.nodeName === undefined
    ? 'the name of this node is not known'
    : `no ready endpoint is meant for the node ${place.nodeName}`;
}
