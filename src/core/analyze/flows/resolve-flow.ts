import { ipFamilies, parseIp, type Ip, type IpFamily } from '../../model/ip.ts';
import type { Service, ServicePortSpec } from '../../model/kubernetes.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import { didYouMean } from '../../util/suggestion.ts';
import { addressOf, isLoopbackAddress, sameAddress, type Address, type KnownAddress } from '../trace/address.ts';
import type { VirtualServerIndex } from '../ipvs/virtual-server-index.ts';
import { hasPorts, PROTOCOL, type TracePacket } from '../trace/packet.ts';
import type { Flow, FlowDestination, FlowSource, ObjectName } from './flow.ts';
import type { FlowCluster } from './flow-cluster.ts';
import { familiesNamed } from './families-named.ts';

/** Documentation ranges: no cluster has them (RFC 5737, RFC 3849). */
const OUTSIDE: readonly Ip[] = [
  { family: 'ipv4', text: '203.0.113.9' },
  { family: 'ipv6', text: '2001:db8:ffff::9' },
];

/** Why a flow cannot be followed. */
export interface FlowProblem {
  readonly problem: string;
  readonly hint?: string | undefined;
  /** The key of the flow that it is about; undefined: the flow as a whole. */
  readonly key: string | undefined;
}

export type ResolvedFlow = { readonly packets: readonly TracePacket[] } | FlowProblem;

/** The packets that a flow is about, one per family; `families` are those of which there are rules. */
export function resolveFlow(flow: Flow, cluster: FlowCluster, families: readonly IpFamily[]): ResolvedFlow {
  const from = sourceIps(flow.from, cluster);
  if (from !== 'node' && 'problem' in from) return from;
  const to = destinationOf(flow.to, cluster);
  if ('problem' in to) return to;
  const sources = from === 'node' ? ipFamilies : from.map(({ family }) => family);
  const both = ipFamilies.filter((family) => sources.includes(family) && to.ips.some((ip) => ip.family === family));
  if (both.length === 0) return { problem: 'from and to have no addresses of one family', key: 'to' };
  const named = familiesNamed(flow);
  const wanted = both.filter((family) => (flow.family ?? family) === family && (named?.includes(family) ?? true));
  if (wanted.length === 0) {
    return { problem: `the packet is one of ${names(both)}, and what is expected is of another family`, key: 'expect' };
  }
  const asked = wanted.filter((family) => families.includes(family));
  if (asked.length === 0) return { problem: `no rules of ${names(wanted)} are compiled`, key: undefined };
  return { packets: asked.map((family) => packetOf(flow, from, to, cluster, family)) };
}

function names(families: readonly IpFamily[]): string {
  return families.map((family) => (family === 'ipv4' ? 'IPv4' : 'IPv6')).join(' and ');
}

/** One address per family at most counts: the first. */
type Addresses = readonly Ip[];

function sourceIps(from: FlowSource, cluster: FlowCluster): Addresses | 'node' | FlowProblem {
  switch (from.kind) {
    case 'node':
      return 'node';
    case 'outside':
      return OUTSIDE;
    case 'address':
      return [from.ip];
    case 'pod':
      return podIps(from, cluster, 'from');
  }
}

interface Destination {
  readonly ips: Addresses;
  readonly port: number | undefined;
  readonly protocol: number;
}

function destinationOf(to: FlowDestination, cluster: FlowCluster): Destination | FlowProblem {
  const { target, port, protocol } = to;
  if (target.kind === 'service') return serviceDestination(target, port, protocol, cluster);
  const ips = placeIps(target, cluster);
  if ('problem' in ips) return ips;
  const wanted = protocol ?? PROTOCOL.tcp;
  if (!hasPorts(wanted)) return { ips, port: undefined, protocol: wanted };
  if (typeof port === 'number') return { ips, port, protocol: wanted };
  return { problem: 'the destination has no port', hint: 'to: ADDRESS:PORT, or port: PORT', key: 'to' };
}

function placeIps(
  target: Exclude<FlowDestination['target'], { kind: 'service' }>,
  cluster: FlowCluster,
): Addresses | FlowProblem {
  if (target.kind === 'address') return [target.ip];
  if (target.kind === 'pod') return podIps(target, cluster, 'to');
  if (cluster.localIps.length > 0) return cluster.localIps;
  const hint = 'give the Node with its addresses in the input, or node-ip in case.yaml';
  return { problem: 'no address of the node is known', hint, key: 'to' };
}

function podIps({ namespace, name }: ObjectName, cluster: FlowCluster, key: 'from' | 'to'): Addresses | FlowProblem {
  const full = `${namespace}/${name}`;
  const pod = cluster.pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const byEndpoint = [...cluster.podNames].flatMap(([address, owner]) => (owner === full ? [address] : []));
  const ips = [...(pod?.podIPs ?? []), ...byEndpoint].flatMap((text) => parseIp(text) ?? []);
  if (ips.length > 0) return ips;
  if (pod !== undefined) return { problem: `the Pod ${full} has no address`, hint: 'it is in status.podIPs', key };
  const all = [...cluster.pods.map(({ metadata: m }) => `${m.namespace}/${m.name}`), ...cluster.podNames.values()];
  return { problem: `the input has no Pod ${full}`, hint: meant('pod', full, all), key };
}

function meant(kind: string, full: string, all: readonly string[]): string | undefined {
  const near = didYouMean(full, [...new Set(all)]);
  return near === undefined ? undefined : `did you mean ${kind}/${near}?`;
}

function serviceDestination(
  { namespace, name }: ObjectName,
  port: number | string | undefined,
  protocol: number | undefined,
  { services }: FlowCluster,
): Destination | FlowProblem {
  const full = `${namespace}/${name}`;
  const service = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (service === undefined) {
    const all = services.map(({ metadata: m }) => `${m.namespace}/${m.name}`);
    return { problem: `the input has no Service ${full}`, hint: meant('svc', full, all), key: 'to' };
  }
  const chosen = choosePort(service, port, protocol);
  if ('problem' in chosen) return { problem: `Service ${full}: ${chosen.problem}`, hint: chosen.hint, key: 'to' };
  const texts = service.clusterIPs.length > 0 ? service.clusterIPs : [service.clusterIP ?? ''];
  const ips = texts.flatMap((text) => parseIp(text) ?? []);
  if (ips.length > 0) return { ips, port: chosen.port, protocol: protocolOf(chosen) };
  return { problem: `Service ${full} has no clusterIP`, hint: 'give an address: to: ADDRESS:PORT', key: 'to' };
}

function protocolOf({ protocol = 'TCP' }: ServicePortSpec): number {
  return protocolNumber(protocol) ?? PROTOCOL.tcp;
}

function choosePort(
  { ports }: Service,
  wanted: number | string | undefined,
  protocol: number | undefined,
): ServicePortSpec | { readonly problem: string; readonly hint: string } {
  const fitting = ports.filter(
    (spec) =>
      (wanted === undefined || spec.name === wanted || spec.port === wanted) &&
      (protocol === undefined || protocolOf(spec) === protocol),
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const all = ports.map((spec) => {
    const name = spec.name === undefined || spec.name === '' ? '' : `${spec.name}, `;
    return `${name}${spec.port}/${(spec.protocol ?? 'TCP').toLowerCase()}`;
  });
  const problem = only === undefined ? `it has no port ${String(wanted ?? '')}`.trimEnd() : 'several of its ports fit';
  return { problem, hint: `it has ${all.join('; ')}` };
}

function packetOf(
  { from: source, inInterface }: Flow,
  from: Addresses | 'node',
  to: Destination,
  { localIps, ipvs }: FlowCluster,
  family: IpFamily,
): TracePacket {
  const own = localIps.filter((ip) => ip.family === family).map(addressOf);
  const destination = firstOf(to.ips, family);
  const sourceAddress: Address = from === 'node' ? ownSource(destination, own, ipvs) : firstOf(from, family);
  const isOwn = source.kind === 'node' || isLocalAddress(sourceAddress, own);
  const protocol = to.protocol === PROTOCOL.icmp && family === 'ipv6' ? PROTOCOL.icmp6 : to.protocol;
  return {
    origin: isOwn ? 'node' : 'network',
    source: sourceAddress,
    destination,
    protocol,
    destinationPort: to.port,
    inInterface,
  };
}

function firstOf(ips: Addresses, family: IpFamily): KnownAddress {
  const ip = ips.find((one) => one.family === family);
  if (ip === undefined) throw new Error(`no address of ${family}`);
  return addressOf(ip);
}

function isLocalAddress(address: Address, own: readonly KnownAddress[]): boolean {
  return address === 'own' || isLoopbackAddress(address) || own.some((one) => sameAddress(one, address));
}

/** What a process of the node sends from: the address it speaks to, if the node itself or kube-ipvs0 has it; else the node's first one. */
function ownSource(
  destination: KnownAddress,
  own: readonly KnownAddress[],
  ipvs: VirtualServerIndex | undefined,
): Address {
  const isOwn = isLocalAddress(destination, own) || ipvs?.hasAddress(destination.text) === true;
  return isOwn ? destination : (own[0] ?? 'own');
}
