import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { cidrContains, isLoopback, parseIp, type Cidr, type Ip, type IpFamily } from '../model/ip.ts';
import type { ProxyConfig } from '../model/proxy-config.ts';
import { sortedBy } from '../util/order.ts';
import type { NodeFacts } from './node-facts.ts';

/** How rules recognise traffic of this node's Pods. */
export type LocalDetector =
  | { readonly kind: 'source'; readonly cidr: Cidr }
  /** An interface name; a final "+" matches every name with that beginning. */
  | { readonly kind: 'interface'; readonly name: string }
  | { readonly kind: 'none' };

/** Where nodePorts answer. */
export type NodePortAddresses =
  | { readonly kind: 'all-local' }
  /** Sorted by text. */
  | { readonly kind: 'only'; readonly ips: readonly Ip[] };

/** Configuration and node boiled down to what one family's rules need. */
export interface ProxySettings {
  readonly family: IpFamily;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly nodeIp: Ip | undefined;
  readonly localDetector: LocalDetector;
  readonly masqueradeAll: boolean;
  /** One bit of the packet mark. */
  readonly masqueradeMark: number;
  /** nodePorts answer on 127.0.0.0/8 too; never in IPv6. */
  readonly localhostNodePorts: boolean;
  readonly nodePortAddresses: NodePortAddresses;
  readonly tcpBeLiberal: boolean;
}

export function proxySettings(
  config: ProxyConfig,
  node: NodeFacts,
  family: IpFamily,
  diagnostics: Diagnostic[],
): ProxySettings {
  const nodeIp = node.ips.find((ip) => ip.family === family);
  const localhostNodePorts = localhostNodePortsOf(config, family, diagnostics);
  return {
    family,
    nodeName: node.name,
    zone: node.zone,
    nodeIp,
    localDetector: localDetectorOf(config, node, family),
    masqueradeAll: config.masqueradeAll,
    masqueradeMark: 2 ** config.masqueradeBit,
    localhostNodePorts,
    nodePortAddresses: nodePortAddressesOf(config, node, family, localhostNodePorts, diagnostics),
    tcpBeLiberal: config.tcpBeLiberal,
  };
}

function localDetectorOf(config: ProxyConfig, node: NodeFacts, family: IpFamily): LocalDetector {
  const { detectLocal } = config;
  switch (detectLocal.mode) {
    case 'BridgeInterface':
      return { kind: 'interface', name: detectLocal.interface };
    case 'InterfaceNamePrefix':
      return { kind: 'interface', name: `${detectLocal.prefix}+` };
    case 'ClusterCIDR':
    case 'NodeCIDR': {
      const cidrs = detectLocal.mode === 'NodeCIDR' ? node.podCidrs : config.clusterCidrs;
      const cidr = cidrs.find((c) => c.family === family);
      return cidr === undefined ? { kind: 'none' } : { kind: 'source', cidr };
    }
  }
}

const LOOPBACK_START = parseIp('127.0.0.0');

function localhostNodePortsOf(config: ProxyConfig, family: IpFamily, diagnostics: Diagnostic[]): boolean {
  if (family === 'ipv6' || !config.localhostNodePorts) return false;
  if (config.nodePortPrimary || !addressesMayHoldLoopback(config)) {
    const message = 'nodePortAddresses hold no loopback address, so nodePorts do not answer on localhost';
    diagnostics.push(diagnose('localhost-node-ports-off', { message }));
    return false;
  }
  return true;
}

function addressesMayHoldLoopback(config: ProxyConfig): boolean {
  const cidrs = config.nodePortAddresses.filter((c) => c.family === 'ipv4');
  return (
    cidrs.length === 0 ||
    cidrs.some((c) => c.text.startsWith('127.') || (LOOPBACK_START !== undefined && cidrContains(c, LOOPBACK_START)))
  );
}

function nodePortAddressesOf(
  config: ProxyConfig,
  node: NodeFacts,
  family: IpFamily,
  localhostNodePorts: boolean,
  diagnostics: Diagnostic[],
): NodePortAddresses {
  const cidrs = config.nodePortAddresses.filter((c) => c.family === family);
  if (!config.nodePortPrimary && (cidrs.length === 0 || cidrs.some((c) => c.prefix === 0)))
    return { kind: 'all-local' };
  const candidates = config.nodePortPrimary ? node.ips : node.localIps;
  const ips = candidates.filter((ip) => {
    if (ip.family !== family) return false;
    if (isLoopback(ip) && !localhostNodePorts) return false;
    return config.nodePortPrimary || cidrs.some((c) => cidrContains(c, ip));
  });
  if (ips.length === 0) {
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    const message = `no known ${name} address of the node is in nodePortAddresses, so no nodePort is reachable by ${name}`;
    diagnostics.push(diagnose('node-port-addresses-unmatched', { message, hint: 'give --node-ip or --local-ip' }));
  }
  return { kind: 'only', ips: sortedBy(ips, (ip) => ip.text) };
}
