import { cidrContains, hostCidrText, savedCidrText, type Ip } from '../../model/ip.ts';
import { isExternallyAccessible, usesClusterEndpoints, usesLocalEndpoints } from '../../services/service-port.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import { serviceChainNames, type ServiceChainNames } from '../../ruleset/service-chain-names.ts';
import type { CompileContext } from './compile-context.ts';
import type { LoweredServicePort } from './lowered-service-port.ts';
import { endpointChains, externalChain, firewallChain, policyChain } from './service-chains.ts';
import { appendTo } from '../../util/append.ts';

/** Which ways into a service port lead somewhere on this node. */
interface Reach {
  /** Some endpoint is usable somewhere. */
  readonly any: boolean;
  /** The Cluster chain has endpoints. */
  readonly cluster: boolean;
  /** The Local chain has endpoints. */
  readonly local: boolean;
  /** Traffic to the clusterIP has endpoints. */
  readonly internal: boolean;
  /** Traffic from outside has endpoints; if not, local clients of policy Local may still have some. */
  readonly external: boolean;
  /** A KUBE-FW chain guards the load balancer IPs. */
  readonly firewall: boolean;
}

function reachOf(port: ServicePortEntry): Reach {
  const cluster = usesClusterEndpoints(port) && port.clusterEndpoints.length > 0;
  const local = usesLocalEndpoints(port) && port.localEndpoints.length > 0;
  return {
    any: port.hasEndpoints,
    cluster,
    local,
    internal: port.internalPolicyLocal ? local : cluster,
    external: port.externalPolicyLocal ? local : cluster,
    firewall: port.hasEndpoints && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0,
  };
}

/** Lowers one service port to iptables: kube-proxy's rules for it, in its order. */
export function lowerServicePort(port: ServicePortEntry, context: CompileContext): LoweredServicePort {
  const reach = reachOf(port);
  const names = serviceChainNames(port);
  return {
    frontends: natFrontends(port, reach, names),
    nodePorts: natNodePorts(port, reach, names, context),
    refusedServices: reach.internal ? [] : [refusal(port, hostCidrText(port.clusterIp), port.port, reach)],
    refusedExternals: reach.external ? [] : externalRefusals(port, reach),
    firewalled: reach.firewall
      ? port.loadBalancerIps.map((ip) => ({ ...frontend(port, ip), firewallChain: names.firewall }))
      : [],
    // Even without endpoints: the load balancer must be able to ask, and to hear no.
    healthChecks: port.healthCheckNodePort === 0 ? [] : [{ servicePort: port.name, port: port.healthCheckNodePort }],
    chains: ownChains(port, reach, names, context),
  };
}

function frontend(port: ServicePortEntry, ip: Ip) {
  return { address: hostCidrText(ip), protocol: port.protocol.toLowerCase(), port: port.port, servicePort: port.name };
}

function natFrontends(port: ServicePortEntry, reach: Reach, names: ServiceChainNames): LoweredServicePort['frontends'] {
  const internalChain = port.internalPolicyLocal ? names.local : names.cluster;
  const loadBalancerChain = reach.firewall ? names.firewall : names.external;
  return [
    ...(reach.internal ? [{ ...frontend(port, port.clusterIp), what: 'cluster IP', target: internalChain }] : []),
    ...(reach.any
      ? [
          ...port.externalIps.map((ip) => ({ ...frontend(port, ip), what: 'external IP', target: names.external })),
          ...port.loadBalancerIps.map((ip) => ({
            ...frontend(port, ip),
            what: 'loadbalancer IP',
            target: loadBalancerChain,
          })),
        ]
      : []),
  ];
}

/** nodePorts are never guarded by source ranges, for better or worse. */
function natNodePorts(
  port: ServicePortEntry,
  reach: Reach,
  names: ServiceChainNames,
  { settings, features }: CompileContext,
): LoweredServicePort['nodePorts'] {
  if (port.nodePort === 0 || !reach.any) return [];
  return [
    {
      protocol: port.protocol.toLowerCase(),
      port: port.nodePort,
      servicePort: port.name,
      target: names.external,
      countLocalhost: features.nfacct && settings.localhostNodePorts,
    },
  ];
}

function refusal(port: ServicePortEntry, address: string, number: number, reach: Reach) {
  return {
    address,
    protocol: port.protocol.toLowerCase(),
    port: number,
    servicePort: port.name,
    reject: !reach.any,
  };
}

function externalRefusals(port: ServicePortEntry, reach: Reach): LoweredServicePort['refusedExternals'] {
  const ips = [...port.externalIps, ...port.loadBalancerIps];
  const refusals = ips.map((ip) => refusal(port, hostCidrText(ip), port.port, reach));
  return port.nodePort === 0 ? refusals : [...refusals, refusal(port, '', port.nodePort, reach)];
}

function ownChains(
  port: ServicePortEntry,
  reach: Reach,
  names: ServiceChainNames,
  context: CompileContext,
): readonly CompiledChain[] {
  const chains: CompiledChain[] = [];
  if (reach.any && isExternallyAccessible(port)) {
    const target = port.externalPolicyLocal ? names.local : names.cluster;
    chains.push(externalChain(port, names, reach.external ? target : '', context));
  }
  if (reach.firewall) chains.push(firewallChain(port, names, allowedSources(port, context), context));
  const endpoints = endpointChains(port, context);
  if (reach.cluster) chains.push(policyChain('KUBE-SVC', port, names.cluster, endpoints.names, context));
  if (reach.local) chains.push(policyChain('KUBE-SVL', port, names.local, endpoints.names, context));
  appendTo(chains, endpoints.chains);
  return chains;
}

/**
 * The ranges of the Service. A node inside one of them may use the load balancer IP too, and where that IP is a local address its
 * packets come from the IP itself.
 */
function allowedSources(port: ServicePortEntry, { settings }: CompileContext): readonly string[] {
  const fromNode = port.sourceRanges.some((range) => cidrContains(range, settings.nodeIp));
  return [...port.sourceRanges.map(savedCidrText), ...(fromNode ? port.loadBalancerIps.map(hostCidrText) : [])];
}
