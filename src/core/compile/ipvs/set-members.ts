import { cidrContains, hostCidrText, savedCidrText, type Ip } from '../../model/ip.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import type { IpSetPart } from '../../ruleset/ip-set.ts';
import type { KubeSet } from '../../ruleset/kube-ip-sets.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import { invariant } from '../../util/assert.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { IpvsContext } from './ipvs-context.ts';
import { ipvsProtocol } from './lower-virtual-servers.ts';

/** A member of one of the sets, part by part. */
export interface SetMember {
  readonly set: KubeSet;
  readonly parts: readonly IpSetPart[];
}

/** What one service port adds to the sets that the iptables rules ask. */
export function setMembers(port: ServicePortEntry, context: IpvsContext): readonly SetMember[] {
  return [
    ...hairpinMembers(port),
    member('CLUSTER-IP', addressPart(port.clusterIp), portPart(port, port.port)),
    ...externalIpMembers(port),
    ...loadBalancerMembers(port, context.settings),
    ...nodePortMembers(port, context),
    ...healthCheckMembers(port, context),
  ];
}

/**
 * The node is in none of the source ranges, so it may not use the load balancer IPs. Where it may, the rules must let in the IPs
 * themselves as sources: a node speaks to its own addresses from those addresses.
 */
export function isClosedToNode({ sourceRanges }: ServicePortEntry, { nodeIp }: ProxySettings): boolean {
  return sourceRanges.length > 0 && !sourceRanges.some((range) => cidrContains(range, nodeIp));
}

function member(set: KubeSet, ...parts: readonly IpSetPart[]): SetMember {
  return { set, parts };
}

export function addressPart(ip: Ip): IpSetPart {
  return networkPart(hostCidrText(ip));
}

function networkPart(text: string): IpSetPart {
  const network = parseNetwork(text);
  invariant(network !== undefined, `${text} is no network`);
  return { kind: 'network', network };
}

function portPart(port: ServicePortEntry, number: number): IpSetPart {
  return { kind: 'port', protocol: protocolNumber(ipvsProtocol(port)), ports: { first: number, last: number } };
}

/** A bitmap:port has no protocols. */
function bitPart(number: number): IpSetPart {
  return { kind: 'port', protocol: undefined, ports: { first: number, last: number } };
}

function hairpinMembers(port: ServicePortEntry): readonly SetMember[] {
  return port.endpointsOnNode.map((endpoint) => {
    const address = addressPart(endpoint.ip);
    return member('LOOP-BACK', address, portPart(port, endpoint.port), address);
  });
}

function externalIpMembers(port: ServicePortEntry): readonly SetMember[] {
  const set = port.externalPolicyLocal ? 'EXTERNAL-IP-LOCAL' : 'EXTERNAL-IP';
  return port.externalIps.map((ip) => member(set, addressPart(ip), portPart(port, port.port)));
}

function loadBalancerMembers(port: ServicePortEntry, settings: ProxySettings): readonly SetMember[] {
  const ranges = port.sourceRanges.map((range) => networkPart(savedCidrText(range)));
  return port.loadBalancerIps.flatMap((ip) => {
    const frontend = [addressPart(ip), portPart(port, port.port)];
    return [
      member('LOAD-BALANCER', ...frontend),
      ...(port.externalPolicyLocal ? [member('LOAD-BALANCER-LOCAL', ...frontend)] : []),
      ...(ranges.length === 0 ? [] : [member('LOAD-BALANCER-FW', ...frontend)]),
      ...ranges.map((range) => member('LOAD-BALANCER-SOURCE-CIDR', ...frontend, range)),
      ...(ranges.length === 0 || isClosedToNode(port, settings)
        ? []
        : [member('LOAD-BALANCER-SOURCE-IP', ...frontend, addressPart(ip))]),
    ];
  });
}

/** A bitmap:port matches TCP and UDP only (ip_set_get_ip_port in the kernel), so an SCTP nodePort is named with each address. */
function nodePortMembers(port: ServicePortEntry, { nodePortIps }: IpvsContext): readonly SetMember[] {
  if (port.nodePort === 0 || nodePortIps.length === 0) return [];
  const to = (set: KubeSet, local: KubeSet): readonly KubeSet[] => (port.externalPolicyLocal ? [set, local] : [set]);
  switch (port.protocol) {
    case 'TCP':
      return to('NODE-PORT-TCP', 'NODE-PORT-LOCAL-TCP').map((set) => member(set, bitPart(port.nodePort)));
    case 'UDP':
      return to('NODE-PORT-UDP', 'NODE-PORT-LOCAL-UDP').map((set) => member(set, bitPart(port.nodePort)));
    case 'SCTP':
      return to('NODE-PORT-SCTP-HASH', 'NODE-PORT-LOCAL-SCTP-HASH').flatMap((set) =>
        nodePortIps.map((ip) => member(set, addressPart(ip), portPart(port, port.nodePort))),
      );
  }
}

/** kube-proxy turns to the next Service where a nodePort has no address to answer on, and so leaves out the health check as well. */
function healthCheckMembers(port: ServicePortEntry, { nodePortIps }: IpvsContext): readonly SetMember[] {
  const unreachable = port.nodePort !== 0 && nodePortIps.length === 0;
  if (port.healthCheckNodePort === 0 || unreachable) return [];
  return [member('HEALTH-CHECK-NODE-PORT', bitPart(port.healthCheckNodePort))];
}
