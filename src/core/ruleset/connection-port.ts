import { ipvsEndpointText, type RealServer, type VirtualServer } from './virtual-server.ts';

/**
 * A virtual server for all ports of an address that has no persistence: IPVS finds it, and refuses what comes (ip_vs_schedule: "port zero
 * only supported in persistent services"). ipvsadm does not make one; the kernel lets others do it.
 */
export function refusesAll({ address, persistence }: Pick<VirtualServer, 'address' | 'persistence'>): boolean {
  return address.kind === 'address' && address.port === 0 && persistence === undefined;
}

/**
 * The port at the real server, for a new connection to this port (ip_vs_schedule, ip_vs_sched_persist in ip_vs_core.c): what a virtual
 * server takes for all ports, by a mark for example, keeps its own, unless a real server without persistence names one.
 */
export function connectionPort(
  { address, persistence }: Pick<VirtualServer, 'address' | 'persistence'>,
  { port }: Pick<RealServer, 'port'>,
  asked: number,
): number {
  if (port === 0) return asked;
  if (persistence === undefined) return port;
  return address.kind === 'address' && address.port === asked ? port : asked;
}

/** Where such a connection ends, as ipvsadm writes it: `10.244.0.5:8080`. */
export function connectionEndpoint(
  server: Pick<VirtualServer, 'address' | 'persistence'>,
  real: Pick<RealServer, 'ip' | 'port'>,
  asked: number,
): string {
  return ipvsEndpointText(real.ip, connectionPort(server, real, asked));
}
