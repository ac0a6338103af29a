import { hostCidrText, savedCidrText, savedIpText } from '../../model/ip.ts';
import type { IpvsOutFilterView, IpvsServicesView } from '../../render/shapes/ipvs-chains.ts';
import { renderChain, type TemplateSet } from '../../render/template-set.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import { kubeSetName, type KubeSet } from '../../ruleset/kube-ip-sets.ts';
import { portUnreachable } from '../../ruleset/port-unreachable.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import { kubeChain, markMasqChain, markOf } from '../kube-chain.ts';
import { ipvsProtocol } from './lower-virtual-servers.ts';
import { isClosedToNode } from './set-members.ts';

/** What the chains around IPVS depend on. */
export interface IpvsChainInput {
  readonly settings: ProxySettings;
  readonly servicePorts: readonly ServicePortEntry[];
  readonly sets: readonly IpSet[];
  readonly randomFully: boolean;
  readonly templates: TemplateSet | undefined;
}

/** The chains of kube-proxy's ipvs mode: the same for every cluster, but for rules about sets that have no members. */
export function ipvsChains(input: IpvsChainInput): readonly CompiledChain[] {
  return [...filterChains(input), ...natChains(input)];
}

/** Names of sets: `nameOf` of any, `used` of those with members, else the empty text. */
function setNames({ settings, sets }: IpvsChainInput) {
  const filled = new Set(sets.filter(({ entries }) => entries.length > 0).map(({ name }) => name));
  const nameOf = (set: KubeSet): string => kubeSetName(set, settings.family);
  return { nameOf, used: (set: KubeSet): string => (filled.has(nameOf(set)) ? nameOf(set) : '') };
}

function filterChains(input: IpvsChainInput): readonly CompiledChain[] {
  const { settings, templates } = input;
  const { nameOf, used } = setNames(input);
  const filterView = {
    loadBalancerSet: nameOf('LOAD-BALANCER'),
    clusterIpSet: nameOf('CLUSTER-IP'),
    externalIpSet: nameOf('EXTERNAL-IP'),
    externalIpLocalSet: nameOf('EXTERNAL-IP-LOCAL'),
    healthCheckSet: nameOf('HEALTH-CHECK-NODE-PORT'),
    addressSet: nameOf('IPVS-IPS'),
    rejectWith: portUnreachable(settings.family),
  };
  const rangesView = {
    sourceCidrSet: used('LOAD-BALANCER-SOURCE-CIDR'),
    sourceIpSet: used('LOAD-BALANCER-SOURCE-IP'),
  };
  return [
    kubeChain(
      'filter',
      'KUBE-FORWARD',
      renderChain('iptables-ipvs/filter/KUBE-FORWARD', { mark: markOf(settings) }, templates),
      'lets forwarded Service traffic and replies through',
    ),
    kubeChain(
      'filter',
      'KUBE-IPVS-FILTER',
      renderChain('iptables-ipvs/filter/KUBE-IPVS-FILTER', filterView, templates),
      'refuses ports of the node at addresses of Services',
    ),
    kubeChain(
      'filter',
      'KUBE-IPVS-OUT-FILTER',
      renderChain('iptables-ipvs/filter/KUBE-IPVS-OUT-FILTER', { closed: closedFrontends(input) }, templates),
      'keeps the node from load balancer IPs whose source ranges do not hold it',
    ),
    kubeChain(
      'filter',
      'KUBE-NODE-PORT',
      renderChain('iptables-ipvs/filter/KUBE-NODE-PORT', { healthCheckSet: filterView.healthCheckSet }, templates),
      'lets load balancers reach the health check nodePorts',
    ),
    kubeChain(
      'filter',
      'KUBE-PROXY-FIREWALL',
      renderChain('iptables-ipvs/filter/KUBE-PROXY-FIREWALL', { guardedSet: used('LOAD-BALANCER-FW') }, templates),
      'finds traffic to load balancer IPs with source ranges',
    ),
    kubeChain(
      'filter',
      'KUBE-SOURCE-RANGES-FIREWALL',
      renderChain('iptables-ipvs/filter/KUBE-SOURCE-RANGES-FIREWALL', rangesView, templates),
      'drops traffic to load balancer IPs that no source range allows',
    ),
  ];
}

function natChains(input: IpvsChainInput): readonly CompiledChain[] {
  const { settings, templates, randomFully } = input;
  const { used } = setNames(input);
  const mark = markOf(settings);
  const nodePortView = {
    tcpLocalSet: used('NODE-PORT-LOCAL-TCP'),
    tcpSet: used('NODE-PORT-TCP'),
    udpLocalSet: used('NODE-PORT-LOCAL-UDP'),
    udpSet: used('NODE-PORT-UDP'),
    sctpLocalSet: used('NODE-PORT-LOCAL-SCTP-HASH'),
    sctpSet: used('NODE-PORT-SCTP-HASH'),
  };
  const postroutingView = { hairpinSet: used('LOOP-BACK'), mark, randomFully };
  return [
    kubeChain(
      'nat',
      'KUBE-LOAD-BALANCER',
      renderChain('iptables-ipvs/nat/KUBE-LOAD-BALANCER', { localSet: used('LOAD-BALANCER-LOCAL') }, templates),
      'marks traffic to load balancer IPs for masquerading, but for externalTrafficPolicy Local',
    ),
    markMasqChain(settings, templates),
    kubeChain(
      'nat',
      'KUBE-NODE-PORT',
      renderChain('iptables-ipvs/nat/KUBE-NODE-PORT', nodePortView, templates),
      'marks traffic to nodePorts for masquerading, but for externalTrafficPolicy Local',
    ),
    kubeChain(
      'nat',
      'KUBE-POSTROUTING',
      renderChain('iptables-ipvs/nat/KUBE-POSTROUTING', postroutingView, templates),
      `masquerades packets that are marked with ${mark}, and those of Pods to themselves`,
    ),
    kubeChain(
      'nat',
      'KUBE-SERVICES',
      renderChain('iptables-ipvs/nat/KUBE-SERVICES', servicesView(input), templates),
      'marks what must be masqueraded on its way to IPVS',
    ),
  ];
}

/** With no way to tell local Pods, only what comes from an address of a Service is masqueraded: the node itself, through kube-ipvs0. */
function servicesView(input: IpvsChainInput): IpvsServicesView {
  const { family, masqueradeAll, localDetector } = input.settings;
  const { used } = setNames(input);
  const clusterIpSet = used('CLUSTER-IP');
  const view = {
    loopback: family === 'ipv4' ? '127.0.0.0/8' : '::1/128',
    loadBalancerSet: used('LOAD-BALANCER'),
    clusterIpSet,
    masquerade: clusterIpSet !== '',
    notFromSource: '',
    notFromInterface: '',
    fromServiceAddress: false,
    externalIpSet: used('EXTERNAL-IP'),
    externalIpLocalSet: used('EXTERNAL-IP-LOCAL'),
  };
  if (masqueradeAll) return view;
  switch (localDetector.kind) {
    case 'source': {
      // Everything is local then, and iptables-nft refuses to load "! -s 0.0.0.0/0".
      if (localDetector.cidr.prefix === 0) return { ...view, masquerade: false };
      return { ...view, notFromSource: savedCidrText(localDetector.cidr) };
    }
    case 'interface':
      return { ...view, notFromInterface: localDetector.name };
    case 'none':
      return { ...view, fromServiceAddress: true };
  }
}

function closedFrontends({ servicePorts, settings }: IpvsChainInput): IpvsOutFilterView['closed'] {
  return servicePorts.flatMap((port) => {
    if (!isClosedToNode(port, settings)) return [];
    return port.loadBalancerIps.map((ip) => ({
      source: hostCidrText(ip),
      address: savedIpText(ip),
      protocolNumber: protocolNumber(ipvsProtocol(port)) ?? 0,
      port: port.port,
    }));
  });
}
