import { endpointText } from '../../services/endpoint.ts';
import { compareBy } from '../../util/order.ts';
import type { ConnectionTarget, ConnectionTargets } from './connection-targets.ts';
import type { TrackedConnection } from './tracked-connection.ts';

/**
 * `endpoint-gone`: the Service has others. `no-endpoints`: it has none at all, and the client would be told so at once if the kernel did
 * not remember better. `not-translated`: the first packet came before there were rules or endpoints, and the kernel remembers that it was
 * sent on as it was.
 */
export type StaleReason = 'endpoint-gone' | 'no-endpoints' | 'not-translated';

/** Connections to one address of a Service that lead to one place where nobody serves it. */
export interface StaleGroup<C extends TrackedConnection = TrackedConnection> {
  readonly service: string;
  readonly family: ConnectionTarget['family'];
  readonly protocol: ConnectionTarget['protocol'];
  readonly what: ConnectionTarget['what'];
  readonly address: string;
  readonly port: number;
  /** Undefined: they were not translated. */
  readonly sentTo: { readonly address: string; readonly port: number } | undefined;
  readonly reason: StaleReason;
  /** One or more, by source. */
  readonly connections: readonly C[];
}

/**
 * The tracked connections of Services that lead to no endpoint of them, which no new packet would be sent to: as long as the client goes on
 * from the same port, the kernel goes on sending there (kubernetes/kubernetes#48370, #139628). One look at each.
 *
 * @returns sorted by Service, protocol, family, address, port, and where they lead to
 */
export function findStale<C extends TrackedConnection>(
  connections: Iterable<C>,
  targets: ConnectionTargets,
): readonly StaleGroup<C>[] {
  const groups = new Map<string, { readonly target: ConnectionTarget; readonly first: C; readonly connections: C[] }>();
  for (const connection of connections) {
    const target = targets.find(connection);
    if (target === undefined || target.endpoints.has(targetText(connection, target))) continue;
    const { protocol, destination, destinationPort, target: address, targetPort } = connection;
    const key = `${protocol} ${destination} ${destinationPort} ${address} ${targetPort}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { target, first: connection, connections: [connection] });
    else known.connections.push(connection);
  }
  return Array.from(groups.values(), ({ target, first, connections: own }) => toGroup(target, first, own)).sort(
    byPlace,
  );
}

function targetText({ target: text, targetPort }: TrackedConnection, { family }: ConnectionTarget): string {
  return endpointText({ family, text }, targetPort);
}

function toGroup<C extends TrackedConnection>(target: ConnectionTarget, first: C, connections: C[]): StaleGroup<C> {
  const { service, family, protocol, what, endpoints } = target;
  const { destination: address, destinationPort: port } = first;
  const isTranslated = first.target !== address || first.targetPort !== port;
  return {
    service,
    family,
    protocol,
    what,
    address,
    port,
    sentTo: isTranslated ? { address: first.target, port: first.targetPort } : undefined,
    reason: !isTranslated ? 'not-translated' : endpoints.size === 0 ? 'no-endpoints' : 'endpoint-gone',
    connections: connections.sort(bySource),
  };
}

const byPlace = compareBy<StaleGroup>(
  ({ service }) => service,
  ({ protocol }) => protocol,
  ({ family }) => family,
  ({ address }) => address,
  ({ port }) => port,
  ({ sentTo }) => sentTo?.address ?? '',
  ({ sentTo }) => sentTo?.port ?? 0,
);

const bySource = compareBy<TrackedConnection>(
  ({ source }) => source,
  ({ sourcePort }) => sourcePort,
);
