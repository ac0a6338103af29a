import type { Ip } from '../../model/ip.ts';
import type { CompiledVirtualServer } from '../../ruleset/compiled-rules.ts';
import { schedulerFlagName } from '../../ruleset/scheduler-flags.ts';
import { virtualServerKey, type IpvsProtocol, type RealServer } from '../../ruleset/virtual-server.ts';
import type { Endpoint } from '../../services/endpoint.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { IpvsContext } from './ipvs-context.ts';

const PROTOCOL: Readonly<Record<ServicePortEntry['protocol'], IpvsProtocol>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

export function ipvsProtocol({ protocol }: Pick<ServicePortEntry, 'protocol'>): IpvsProtocol {
  return PROTOCOL[protocol];
}

interface Frontend {
  readonly what: CompiledVirtualServer['what'];
  readonly ip: Ip;
  readonly port: number;
  readonly realServers: readonly RealServer[];
}

/**
 * The virtual servers of one service port. An address that it names twice (an external IP that is a load balancer IP too) has one, by the
 * later of clusterIP, external IPs, load balancer IPs and nodePort, which is the order in which kube-proxy writes them.
 */
export function lowerVirtualServers(port: ServicePortEntry, context: IpvsContext): readonly CompiledVirtualServer[] {
  const common = commonFields(port, context);
  const byKey = new Map<string, CompiledVirtualServer>();
  for (const { what, ip, port: number, realServers } of frontendsOf(port, context)) {
    const address = { kind: 'address', protocol: ipvsProtocol(port), ip, port: number } as const;
    byKey.set(virtualServerKey({ address }), { address, ...common, realServers, what });
  }
  return [...byKey.values()];
}

function frontendsOf(port: ServicePortEntry, { nodePortIps }: IpvsContext): readonly Frontend[] {
  const internal = realServersOf(port, port.internalPolicyLocal);
  const external =
    port.externalPolicyLocal === port.internalPolicyLocal ? internal : realServersOf(port, port.externalPolicyLocal);
  const frontend = (what: Frontend['what'], ip: Ip, number: number, realServers = external): Frontend => ({
    what,
    ip,
    port: number,
    realServers,
  });
  return [
    frontend('cluster IP', port.clusterIp, port.port, internal),
    ...port.externalIps.map((ip) => frontend('external IP', ip, port.port)),
    ...port.loadBalancerIps.map((ip) => frontend('loadbalancer IP', ip, port.port)),
    ...(port.nodePort === 0 ? [] : nodePortIps.map((ip) => frontend('nodePort', ip, port.nodePort))),
  ];
}

/**
 * With the policy Local and no endpoint here kube-proxy falls back to all endpoints, so that Pods of the node still get through; what
 * comes from outside is sent on, and its answer is lost (kubernetes/kubernetes#97081).
 */
function realServersOf(port: ServicePortEntry, local: boolean): readonly RealServer[] {
  const endpoints = local && port.localEndpoints.length > 0 ? port.localEndpoints : port.clusterEndpoints;
  return endpoints.map(realServer);
}

function realServer({ ip, port }: Endpoint): RealServer {
  return { ip, port, forwarding: 'masquerade', weight: 1, tunnel: [] };
}

/** mh hashes the address alone unless it is told to take the port as well, which kube-proxy does (IP_VS_SVC_F_SCHED_MH_PORT). */
function commonFields({ name, affinitySeconds }: ServicePortEntry, { config: { scheduler } }: IpvsContext) {
  return {
    scheduler,
    schedulerFlags: scheduler === 'mh' ? [schedulerFlagName(scheduler, 2)] : [],
    persistence: affinitySeconds === undefined ? undefined : { seconds: affinitySeconds, prefix: undefined },
    persistenceEngine: undefined,
    onePacket: false,
    service: name,
  };
}
