import { hostCidrText } from '../../model/ip.ts';
import { renderChain } from '../../render/template-set.ts';
import type { ServicesChainView } from '../../render/shapes/dispatch-chains.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import { portUnreachable } from '../../ruleset/port-unreachable.ts';
import { kubeChain, markMasqChain, markOf } from '../kube-chain.ts';
import type { CompileContext } from './compile-context.ts';
import type { LoweredServicePort } from './lowered-service-port.ts';

/** The chains that every node has: those that list all service ports, and those whose rules never change. */
export function sharedChains(
  lowered: readonly LoweredServicePort[],
  context: CompileContext,
): readonly CompiledChain[] {
  return [...listingChains(lowered, context), ...constantChains(context)];
}

function listingChains(lowered: readonly LoweredServicePort[], context: CompileContext): readonly CompiledChain[] {
  const { settings, templates } = context;
  const rejectWith = portUnreachable(settings.family);
  const all = <T>(pick: (port: LoweredServicePort) => readonly T[]): readonly T[] => lowered.flatMap(pick);
  return [
    kubeChain(
      'nat',
      'KUBE-SERVICES',
      renderChain('nat/KUBE-SERVICES', { frontends: all((p) => p.frontends), ...nodePortView(settings) }, templates),
      'finds the service port of a new connection by its destination; nodePorts last',
    ),
    kubeChain(
      'nat',
      'KUBE-NODEPORTS',
      renderChain('nat/KUBE-NODEPORTS', { nodePorts: all((p) => p.nodePorts) }, templates),
      'finds the service port of a new connection by its nodePort',
    ),
    kubeChain(
      'filter',
      'KUBE-SERVICES',
      renderChain('filter/KUBE-SERVICES', { rejectWith, frontends: all((p) => p.refusedServices) }, templates),
      'refuses clusterIPs that have no endpoints',
    ),
    kubeChain(
      'filter',
      'KUBE-EXTERNAL-SERVICES',
      renderChain(
        'filter/KUBE-EXTERNAL-SERVICES',
        { rejectWith, frontends: all((p) => p.refusedExternals) },
        templates,
      ),
      'refuses external addresses and nodePorts that have no endpoints',
    ),
    kubeChain(
      'filter',
      'KUBE-PROXY-FIREWALL',
      renderChain('filter/KUBE-PROXY-FIREWALL', { frontends: all((p) => p.firewalled) }, templates),
      'drops traffic to load balancer IPs that no source range allows',
    ),
    kubeChain(
      'filter',
      'KUBE-NODEPORTS',
      renderChain('filter/KUBE-NODEPORTS', { healthChecks: all((p) => p.healthChecks) }, templates),
      'lets load balancers reach the health check nodePorts',
    ),
  ];
}

/** IPv6 nodePorts never answer on loopback: there is no route_localnet for IPv6. */
function nodePortView(settings: ProxySettings): Omit<ServicesChainView, 'frontends'> {
  const { nodePortAddresses, family, localhostNodePorts } = settings;
  if (nodePortAddresses.kind === 'only') {
    const addresses = nodePortAddresses.ips.map((ip) => ({ address: hostCidrText(ip) }));
    return { nodePortsOnAllAddresses: false, exceptAddress: '', nodePortAddresses: addresses };
  }
  const exceptAddress = family === 'ipv6' ? '::1/128' : localhostNodePorts ? '' : '127.0.0.0/8';
  return { nodePortsOnAllAddresses: true, exceptAddress, nodePortAddresses: [] };
}

function constantChains({ settings, features, templates }: CompileContext): readonly CompiledChain[] {
  const mark = markOf(settings);
  const canary = 'empty; kube-proxy sees by its absence that somebody flushed the table';
  return [
    markMasqChain(settings, templates),
    kubeChain(
      'nat',
      'KUBE-POSTROUTING',
      renderChain('nat/KUBE-POSTROUTING', { mark, randomFully: features.randomFully }, templates),
      `masquerades packets that are marked with ${mark}`,
    ),
    kubeChain(
      'filter',
      'KUBE-FORWARD',
      renderChain(
        'filter/KUBE-FORWARD',
        { mark, dropInvalid: !settings.tcpBeLiberal, nfacct: features.nfacct },
        templates,
      ),
      'lets forwarded Service traffic and replies through',
    ),
    kubeChain(
      'filter',
      'KUBE-FIREWALL',
      renderChain('filter/KUBE-FIREWALL', { blockLocalnet: settings.localhostNodePorts }, templates),
      'keeps the network away from 127.0.0.0/8',
    ),
    kubeChain('mangle', 'KUBE-PROXY-CANARY', renderChain('mangle/KUBE-PROXY-CANARY', {}, templates), canary),
    kubeChain('filter', 'KUBE-PROXY-CANARY', renderChain('filter/KUBE-PROXY-CANARY', {}, templates), canary),
    kubeChain('nat', 'KUBE-PROXY-CANARY', renderChain('nat/KUBE-PROXY-CANARY', {}, templates), canary),
  ];
}
