// Where a node's connections to Services may lead: what is asked for each of 100,000 tracked connections.
import { isLoopback, type Ip, type IpFamily } from '../../model/ip.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { PROTOCOL_NUMBER, type ConnectionProtocol, type TrackedConnection } from './tracked-connection.ts';

/** One family's Services, and the node. */
export interface NodeServices {
  readonly table: ServiceTable;
  readonly settings: Pick<ProxySettings, 'nodePortAddresses' | 'localhostNodePorts'>;
  /** Every address of the node that is known: of its interfaces, or what manifests say. */
  readonly localAddresses: readonly Ip[];
}

export type FrontendKind = 'cluster IP' | 'external IP' | 'loadbalancer IP' | 'nodePort';

/** A service port, by one of the addresses that clients use. */
export interface ConnectionTarget {
  /** `namespace/name:port` */
  readonly service: string;
  readonly family: IpFamily;
  readonly protocol: ConnectionProtocol;
  readonly what: FrontendKind;
  /** Texts of its endpoints (`10.0.0.1:53`, `[fd00::1]:53`) that connections may lead to. */
  readonly endpoints: ReadonlySet<string>;
}

export interface ConnectionTargets {
  /** Undefined for what is no connection to a Service. */
  readonly find: (connection: TrackedConnection) => ConnectionTarget | undefined;
}

/** The families in which there is a service port of these protocols; in others no connection can be stale. */
export function servedFamilies(
  families: readonly NodeServices[],
  protocols: readonly ConnectionProtocol[],
): readonly IpFamily[] {
  const isMeant = ({ protocol }: ServicePortEntry): boolean => protocols.some((one) => one === protocol);
  return families.filter(({ table }) => table.servicePorts.some(isMeant)).map(({ table }) => table.family);
}

/**
 * An endpoint that still answers keeps its connections, however traffic policies, topology and termination send new ones (kube-proxy's
 * reconciler, kubernetes/kubernetes#127318). A node port is one at the node's own addresses only: kube-proxy takes any address, and so
 * those of others that the node forwards to (kubernetes/kubernetes#49881).
 */
export function connectionTargets(
  families: readonly NodeServices[],
  protocols: readonly ConnectionProtocol[],
): ConnectionTargets {
  const byAddress = new Map<string, ConnectionTarget>();
  const byNodePort = new Map<string, ConnectionTarget>();
  const nodeAddresses = new Set<string>();
  for (const { table, settings, localAddresses } of families) {
    const { nodePortAddresses } = settings;
    const own = nodePortAddresses.kind === 'only' ? nodePortAddresses.ips : localAddresses;
    const { localhostNodePorts } = settings;
    for (const ip of own) if (localhostNodePorts || !isLoopback(ip)) nodeAddresses.add(ip.text);
    for (const port of table.servicePorts) {
      const protocol = protocols.find((one) => one === port.protocol);
      if (protocol === undefined) continue;
      const target = targetOf(port, table.family, protocol);
      for (const [what, ip] of addressesOf(port))
        add(byAddress, keyOf(protocol, port.port, ip.text), { ...target, what });
      if (port.nodePort !== 0) {
        add(byNodePort, keyOf(protocol, port.nodePort, table.family), { ...target, what: 'nodePort' });
      }
    }
  }
  const find = (connection: TrackedConnection): ConnectionTarget | undefined => {
    const { protocol, destination, destinationPort } = connection;
    const at = byAddress.get(key(protocol, destinationPort, destination));
    if (at !== undefined || byNodePort.size === 0) return at;
    const family: IpFamily = destination.includes(':') ? 'ipv6' : 'ipv4';
    const isNode = nodeAddresses.has(destination) || isTranslatedOnLoopback(connection, family);
    return isNode ? byNodePort.get(key(protocol, destinationPort, family)) : undefined;
  };
  return { find };
}

/** All of 127.0.0.0/8 is local, and what was translated there was a node port. */
function isTranslatedOnLoopback(
  { destination, target, destinationPort, targetPort }: TrackedConnection,
  family: IpFamily,
): boolean {
  return isLoopback({ family, text: destination }) && (target !== destination || targetPort !== destinationPort);
}

function addressesOf(port: ServicePortEntry): readonly (readonly [FrontendKind, Ip])[] {
  return [
    ['cluster IP', port.clusterIp],
    ...port.loadBalancerIps.map((ip) => ['loadbalancer IP', ip] as const),
    ...port.externalIps.map((ip) => ['external IP', ip] as const),
  ];
}

function targetOf(
  { name, servingEndpoints }: ServicePortEntry,
  family: IpFamily,
  protocol: ConnectionProtocol,
): Omit<ConnectionTarget, 'what'> {
  return { service: name, family, protocol, endpoints: new Set(servingEndpoints.map(({ text }) => text)) };
}

/** Two ports of one Service may have one number (only with --no-defaults): whatever one of them may lead to is fine. */
function add(targets: Map<string, ConnectionTarget>, at: string, target: ConnectionTarget): void {
  const known = targets.get(at);
  const endpoints = known === undefined ? target.endpoints : new Set([...known.endpoints, ...target.endpoints]);
  targets.set(at, { ...(known ?? target), endpoints });
}

function keyOf(protocol: ConnectionProtocol, port: number, address: string): string {
  return key(PROTOCOL_NUMBER[protocol], port, address);
}

function key(protocol: number, port: number, address: string): string {
  return `${protocol} ${port} ${address}`;
}
