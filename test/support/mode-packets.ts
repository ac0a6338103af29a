/** Packets of all kinds to the Services of a table, followed through what both modes compile to. */
import { VirtualServerIndex } from '../../src/core/analyze/ipvs/virtual-server-index.ts';
import type { ModeDifference, ModeFate } from '../../src/core/analyze/modes/mode-difference.ts';
import { readAddress } from '../../src/core/analyze/trace/address.ts';
import type { TraceOutcome } from '../../src/core/analyze/trace/outcomes.ts';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { certainShare } from '../../src/core/analyze/trace/weight.ts';
import type { ExamplePacket } from '../../src/core/analyze/verify/example.ts';
import type { FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import type { Ip } from '../../src/core/model/ip.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import type { Endpoint } from '../../src/core/services/endpoint.ts';
import type { IpvsNode } from './ipvs-verify.ts';
import { addressIn } from './trace-packets.ts';

const PROTOCOLS = { TCP: PROTOCOL.tcp, UDP: PROTOCOL.udp, SCTP: PROTOCOL.sctp } as const;
const POD = { ipv4: '10.244.255.250', ipv6: 'fd00:10:244:0:ffff::fa' } as const;
const OUTSIDE = { ipv4: '198.18.0.9', ipv6: '2001:db8:ffff::9' } as const;
/** No Service of the recordings has it. */
const OTHER_PORT = 8443;

export interface ModePacket {
  /** The service port that it is about. */
  readonly service: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly port: number;
  /** Undefined: the node sends it. */
  readonly inInterface: string | undefined;
  /** Default: NEW. */
  readonly tracking?: ExamplePacket['tracking'];
}

/** Those of this node's Pods, of somebody outside, and of the node itself, to each address of a Service, and beside it. */
export function* modePackets({ table, settings, localAddresses }: FamilyMeaning): Generator<ModePacket> {
  const { family, localDetector } = settings;
  const bridge = localDetector.kind === 'interface' ? localDetector.name.replace(/\+$/u, '12ab') : 'veth1';
  const own = new Set(localAddresses.map(({ text }) => text));
  const to = function* (
    destination: string,
    protocol: number,
    port: number,
    service: string,
    endpoints: readonly Endpoint[] = [],
  ): Generator<ModePacket> {
    yield { service, source: POD[family], destination, protocol, port, inInterface: bridge };
    yield { service, source: OUTSIDE[family], destination, protocol, port, inInterface: 'eth0' };
    yield { service, source: settings.nodeIp.text, destination, protocol, port, inInterface: undefined };
    for (const { ip, local } of endpoints) {
      if (!own.has(ip.text))
        yield { service, source: ip.text, destination, protocol, port, inInterface: local ? bridge : 'eth0' };
    }
  };
  for (const port of table.servicePorts) {
    const protocol = PROTOCOLS[port.protocol];
    const service = port.name;
    const ips: readonly Ip[] = [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps];
    for (const { text } of ips) {
      yield* to(text, protocol, port.port, service, port.reachableEndpoints);
      yield* to(text, PROTOCOL.tcp, OTHER_PORT, service);
    }
    if (port.nodePort === 0) continue;
    for (const { text } of localAddresses.filter(({ text: own }) => own !== '127.0.0.1' && own !== '::1')) {
      yield* to(text, protocol, port.nodePort, service, port.reachableEndpoints);
      yield* to(text, PROTOCOL.tcp, OTHER_PORT, service);
    }
    const localhost = family === 'ipv4' ? '127.0.0.1' : '::1';
    yield { service, source: localhost, destination: localhost, protocol, port: port.nodePort, inInterface: undefined };
  }
}

/** `10.244.0.1:80 masqueraded`, sorted; `reject`, `drop`, `untouched`. */
function fateOf(outcomes: readonly TraceOutcome[]): string {
  const texts = outcomes.map((outcome) => {
    const { fate, destinationNat, ipvs, sourceNat, weight } = outcome;
    if (certainShare(weight) === undefined) return 'open';
    // IPVS is no rule.
    if (fate.kind === 'rejected') return outcome.steps.at(-1)?.rule === undefined ? 'refused' : 'reject';
    if (fate.kind === 'dropped') return 'drop';
    if (!('address' in fate) || fate.address === 'own') return 'unknown';
    if (destinationNat === undefined && ipvs === undefined) return 'untouched';
    const { address, port } = fate;
    const host = address.family === 'ipv4' ? address.text : `[${address.text}]`;
    return `${host}:${port ?? 0}${sourceNat === undefined ? '' : ' masqueraded'}`;
  });
  return [...new Set(texts)].sort().join(' or ');
}

function toldFate(fate: ModeFate): string {
  if (fate.kind !== 'endpoints') return fate.kind;
  return fate.endpoints
    .map((text) => `${text}${fate.masquerade || fate.toItself?.includes(text) === true ? ' masqueraded' : ''}`)
    .sort()
    .join(' or ');
}

export interface ModeTracer {
  /** What becomes of a packet in iptables mode, and in ipvs mode. */
  readonly packet: (packet: ModePacket) => readonly [string, string];
  readonly example: (packet: ExamplePacket) => readonly [string, string];
  readonly fates: (difference: ModeDifference) => readonly [string, string];
}

export function modeTracer(rules: string, node: IpvsNode, { family, localAddresses }: FamilyMeaning): ModeTracer {
  const [first, second] = [rules, node.rules].map((text) => parseIptablesSave(text, { family }).ruleset);
  const { table } = parseIpvsadm(node.servers);
  const known = { sets: parseIpsetSave(node.sets).sets, ipvs: new VirtualServerIndex(table) };
  const own = localAddresses.map(({ text }) => addressIn(text));
  const bound = new Set(
    [...node.sets.matchAll(/^add KUBE-(?:6-)?IPVS-IPS (\S+)$/gmu)].map(
      ([, text = '']) => readAddress(text)?.text ?? '',
    ),
  );
  const followed = (
    { source, destination, protocol, port, inInterface, tracking = 'NEW' }: ModePacket,
    extra: readonly string[],
  ): readonly [string, string] => {
    if (first === undefined || second === undefined) throw new Error('there are no rules');
    const packetFrom = (text: string): TracePacket => ({
      origin: inInterface === undefined ? 'node' : 'network',
      source: addressIn(text),
      destination: addressIn(destination),
      protocol,
      destinationPort: port,
      inInterface,
      outInterface: 'eth0',
      state: tracking,
    });
    const localAddressesNow = [...own, ...extra.map(addressIn)];
    const before = trace(first, packetFrom(source), { localAddresses: localAddressesNow }).outcomes;
    // In ipvs mode the node has the address of each Service, and speaks to it from there.
    const from = inInterface === undefined && bound.has(addressIn(destination).text) ? destination : source;
    const after = trace(second, packetFrom(from), { ...known, localAddresses: localAddressesNow }).outcomes;
    return [fateOf(before), fateOf(after)];
  };
  return {
    packet: (packet) => followed(packet, []),
    example: ({ source, destination, protocol, destinationPort = 0, inInterface, destinationIsLocal, tracking }) =>
      followed(
        { service: '', source, destination, protocol, port: destinationPort, inInterface, tracking },
        destinationIsLocal && !bound.has(destination) ? [destination] : [],
      ),
    fates: ({ iptables, ipvs }) => [toldFate(iptables), toldFate(ipvs)],
  };
}

/** Differences that are told, for asking whether one that a packet shows is among them. */
export class ToldModes {
  readonly #pairs = new Map<string, (readonly [string, string])[]>();
  readonly #hairpins = new Set<string>();
  readonly lines: string[] = [];

  add({ topic, service, packet }: ModeDifference, fates: readonly [string, string]): void {
    const { destination, protocol, destinationPort = 0 } = packet;
    const place = placeKey(destination, protocol, destinationPort, topic.startsWith('other-ports'));
    this.lines.push(`${topic}: ${place}: ${fates.join(' -> ')}`);
    if (topic === 'hairpin-of-other-node') this.#hairpins.add(service ?? '');
    else this.#pairs.set(place, [...(this.#pairs.get(place) ?? []), fates]);
  }

  /** What an endpoint sends to itself is told by itself, once for a service port. */
  has(
    { source, destination, protocol, port, service }: ModePacket,
    [first, second]: readonly [string, string],
  ): boolean {
    const but = (fate: string): string => withoutItself(fate, source);
    if (but(first) === but(second)) return this.#hairpins.has(service);
    const pairs = this.#pairs.get(placeKey(destination, protocol, port, port === OTHER_PORT)) ?? [];
    return pairs.some(([a, b]) => but(a) === but(first) && but(b) === but(second));
  }
}

/** Whether the endpoints at the source are masqueraded is not said. */
function withoutItself(fate: string, source: string): string {
  const host = source.includes(':') ? `[${source}]` : source;
  return fate
    .split(' or ')
    .map((one) => (one.startsWith(`${host}:`) ? one.replace(' masqueraded', '') : one))
    .sort()
    .join(' or ');
}

/** Where a packet goes: other ports of an address are all alike. */
function placeKey(destination: string, protocol: number, port: number, isOther: boolean): string {
  const host = addressIn(destination).text;
  return isOther ? `${host} other` : `${protocol} ${host}:${port}`;
}
