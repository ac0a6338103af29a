import type { DecodedFrontend, TrafficPolicy } from './decoded-rules.ts';

/** From the cluster IP's frontends: where packets of anybody go. */
export function internalPolicyOf(frontends: readonly DecodedFrontend[]): TrafficPolicy | undefined {
  for (const { kind, routes, refusal } of frontends) {
    if (kind !== 'cluster-ip') continue;
    if (refusal?.reason === 'no-local-endpoints' || routes.outside === 'local') return 'Local';
    if (routes.outside === 'cluster') return 'Cluster';
  }
  return undefined;
}

/** From all other frontends: the policy Local treats packets from elsewhere otherwise than those of the node itself. */
export function externalPolicyOf(frontends: readonly DecodedFrontend[]): TrafficPolicy | undefined {
  for (const { kind, routes, refusal } of frontends) {
    if (kind === 'cluster-ip') continue;
    if (refusal?.reason === 'no-local-endpoints' || routes.outside === 'local') return 'Local';
    if (routes.outside === 'cluster') return 'Cluster';
    if (routes.node === 'cluster') return 'Local';
  }
  return undefined;
}
