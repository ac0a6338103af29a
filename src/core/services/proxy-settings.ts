import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { cidrContains, hostCidrText, isLoopback, parseCidr, type Cidr, type Ip, type IpFamily } from '../model/ip.ts';
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
  /** Loopback where it is not known, as in kube-proxy. */
  readonly nodeIp: Ip;
  readonly localDetector: LocalDetector;
  readonly masqueradeAll: boolean;
  /** One bit of the packet mark. */
  readonly masqueradeMark: number;
  /** nodePorts answer on 127.0.0.0/8 too; never in IPv6, nor in the ipvs mode. */
  readonly localhostNodePorts: boolean;
  readonly nodePortAddresses: NodePortAddresses;
  readonly tcpBeLiberal: boolean;
}

const UNKNOWN_NODE_IP: { readonly [F in IpFamily]: Ip } = {
  ipv4: { family: 'ipv4', text: '127.0.0.1' },
  ipv6: { family: 'ipv6', text: '::1' },
};

export function proxySettings(
  config: ProxyConfig,
  node: NodeFacts,
  family: IpFamily,
  diagnostics: Diagnostic[],
): ProxySettings {
  const cidrs = nodePortCidrs(config, node, family);
  checkPrimary(config, family, cidrs, diagnostics);
  const localhostNodePorts = localhostNodePortsOf(config, family, cidrs, diagnostics);
  return {
    family,
    nodeName: node.name,
    zone: node.zone,
    nodeIp: node.ips.find((ip) => ip.family === family) ?? UNKNOWN_NODE_IP[family],
    localDetector: localDetectorOf(config, node, family),
    masqueradeAll: config.masqueradeAll,
    masqueradeMark: 2 ** config.masqueradeBit,
    localhostNodePorts,
    nodePortAddresses: nodePortAddressesOf(node, family, cidrs, localhostNodePorts, diagnostics),
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

/**
 * The CIDRs of a family that nodePorts answer in; empty: everywhere. kube-proxy makes `primary` into the node's own IPs before it looks
 * at families, so a family of which the node has no IP is left without CIDRs, and answers everywhere.
 */
function nodePortCidrs(config: ProxyConfig, node: NodeFacts, family: IpFamily): readonly Cidr[] {
  const cidrs = config.nodePortPrimary
    ? node.ips.filter((ip) => !isLoopback(ip)).flatMap((ip) => parseCidr(hostCidrText(ip)) ?? [])
    : config.nodePortAddresses;
  const ofFamily = cidrs.filter((cidr) => cidr.family === family);
  return ofFamily.some((cidr) => cidr.prefix === 0) ? [] : ofFamily;
}

const LOOPBACK_START: Ip = { family: 'ipv4', text: '127.0.0.0' };

/** There is no route_localnet for IPv6, and without it nothing that is sent to loopback can leave it; IPVS cannot be reached there. */
function localhostNodePortsOf(
  config: ProxyConfig,
  family: IpFamily,
  cidrs: readonly Cidr[],
  diagnostics: Diagnostic[],
): boolean {
  if (family === 'ipv6' || config.mode === 'ipvs' || !config.localhostNodePorts) return false;
  const holdLoopback = cidrs.some((cidr) => cidr.text.startsWith('127.') || cidrContains(cidr, LOOPBACK_START));
  if (cidrs.length === 0 || holdLoopback) return true;
  const message = 'nodePortAddresses hold no loopback address, so nodePorts do not answer on localhost';
  diagnostics.push(diagnose('localhost-node-ports-off', { message }));
  return false;
}

function nodePortAddressesOf(
  node: NodeFacts,
  family: IpFamily,
  cidrs: readonly Cidr[],
  localhostNodePorts: boolean,
  diagnostics: Diagnostic[],
): NodePortAddresses {
  if (cidrs.length === 0) return { kind: 'all-local' };
  const ips = node.localIps.filter(
    (ip) => (localhostNodePorts || !isLoopback(ip)) && cidrs.some((cidr) => cidrContains(cidr, ip)),
  );
  if (ips.length === 0) {
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    const message = `no known ${name} address of the node is in nodePortAddresses, so no nodePort is reachable by ${name}`;
    diagnostics.push(diagnose('node-port-addresses-unmatched', { message, hint: 'give --node-ip or --local-ip' }));
  }
  return { kind: 'only', ips: sortedBy(ips, (ip) => ip.text) };
}

function checkPrimary(config: ProxyConfig, family: IpFamily, cidrs: readonly Cidr[], diagnostics: Diagnostic[]): void {
  if (!config.nodePortPrimary || cidrs.length > 0) return;
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const message = `nodePortAddresses is primary, but no ${name} address of the node is known, so nodePorts answer on every ${name} address`;
  diagnostics.push(diagnose('node-port-primary-unknown', { message, hint: 'give --node-ip' }));
}
