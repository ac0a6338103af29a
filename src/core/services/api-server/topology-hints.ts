import type { SliceEndpoint } from '../../model/kubernetes.ts';

const NO_HINTS = { zoneHints: [], nodeHints: [] } as const;

/**
 * The hints that the EndpointSlice controller gives an endpoint for a Service's trafficDistribution (KEP-4444, KEP-3015): its own
 * zone, and for PreferSameNode its own node too. Endpoints that are not ready get none. Where a ready endpoint has no zone
 * kube-proxy ignores all zone hints of the Service.
 */
export function hintsFor(
  trafficDistribution: string | undefined,
  endpoint: { readonly ready: boolean; readonly zone: string | undefined; readonly nodeName: string | undefined },
): Pick<SliceEndpoint, 'zoneHints' | 'nodeHints'> {
  const { ready, zone, nodeName } = endpoint;
  const sameNode = trafficDistribution === 'PreferSameNode';
  // PreferClose is the older name of PreferSameZone.
  const sameZone = sameNode || trafficDistribution === 'PreferClose' || trafficDistribution === 'PreferSameZone';
  if (!ready || !sameZone) return NO_HINTS;
  return {
    zoneHints: zone === undefined ? [] : [zone],
    nodeHints: sameNode && nodeName !== undefined ? [nodeName] : [],
  };
}
