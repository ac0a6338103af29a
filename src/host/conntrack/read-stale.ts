import {
  connectionTargets,
  servedFamilies,
  type NodeServices,
} from '../../core/analyze/conntrack/connection-targets.ts';
import { findStale, type StaleGroup } from '../../core/analyze/conntrack/find-stale.ts';
import type { ConnectionProtocol } from '../../core/analyze/conntrack/tracked-connection.ts';
import type { Ip } from '../../core/model/ip.ts';
import type { ConntrackTable } from './conntrack-table.ts';

export interface StaleConnections {
  /** How many were looked at: all of these protocols. */
  readonly tracked: number;
  readonly stale: readonly StaleGroup[];
}

/** What is stale on this node, by one listing. Node ports are looked for at all addresses that its interfaces have. */
export async function readStale(
  table: ConntrackTable,
  services: readonly NodeServices[],
  protocols: readonly ConnectionProtocol[],
): Promise<StaleConnections> {
  const families = servedFamilies(services, protocols);
  if (families.length === 0) return { tracked: 0, stale: [] };
  const hasNodePorts = services.some((family) => family.table.servicePorts.some(({ nodePort }) => nodePort !== 0));
  const addresses = hasNodePorts ? await table.localAddresses() : [];
  const connections = await table.list(families, protocols);
  const targets = connectionTargets(
    services.map((family) => withAddresses(family, addresses)),
    protocols,
  );
  return { tracked: connections.length, stale: findStale(connections, targets) };
}

function withAddresses(services: NodeServices, addresses: readonly Ip[]): NodeServices {
  return { ...services, localAddresses: [...services.localAddresses, ...addresses] };
}
