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
import type { IpvsNode } from './ipvs-verify.ts';
import { addressIn } from './trace-packets.ts';

const PROTOCOLS = { TCP: PROTOCOL.tcp, UDP: PROTOCOL.udp, SCTP: PROTOCOL.sctp } as const;
const POD = { ipv4: '10.244.255.250', ipv6: 'fd00:10:244:0:ffff::fa' } as const;
const OUTSIDE = { ipv4: '198.18.0.9', ipv6: '2001:db8:ffff::9' } as const;
/** No Service of the recordings has it. */
const OTHER_PORT = 8443;

export interface ModePacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly port: number;
  /** Undefined: the node sends it. */
  readonly inInterface: string | undefined;
}

/** Those of this node's Pods, of somebody outside, and of the node itself, to each address of a Service, and beside it. */
export function* modePackets({ table, settings, localAddresses }: FamilyMeaning): Generator<ModePacket> {
  const { family, localDetector } = settings;
  const bridge = localDetector.kind === 'interface' ? localDetector.name.replace(/\+$/u, '12ab') : 'veth1';
  const to = function* (destination: string, protocol: number, port: number): Generator<ModePacket> {
    yield { source: POD[family], destination, protocol, port, inInterface: bridge };
    yield { source: OUTSIDE[family], destination, protocol, port, inInterface: 'eth0' };
    yield { source: settings.nodeIp.text, destination, protocol, port, inInterface: undefined };
  };
  for (const port of table.servicePorts) {
    const protocol = PROTOCOLS[port.protocol];
    const ips: readonly Ip[] = [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps];
    for (const { text } of ips) {
      yield* to(text, protocol, port.port);
      yield* to(text, PROTOCOL.tcp, OTHER_PORT);
    }
    if (port.nodePort === 0) continue;
    for (const { text } of localAddresses.filter(({ text: own }) => own !== '127.0.0.1' && own !== '::1')) {
      yield* to(text, protocol, port.nodePort);
      yield* to(text, PROTOCOL.tcp, OTHER_PORT);
    }
    const localhost = family === 'ipv4' ? '127.0.0.1' : '::1';
    yield { source: localhost, destination: localhost, protocol, port: port.nodePort, inInterface: undefined };
  }
}

/** `10.244.0.1:80 masqueraded`, sorted; `reject`, `drop`, `untouched`. */
function fateOf(outcomes: readonly TraceOutcome[]): string {
  const texts = outcomes.map((outcome) => {
    const { fate, destinationNat, ipvs, sourceNat, weight } = outcome;
    if (certainShare(weight) === undefined) return 'open';
    if (fate.kind === 'rejected') return 'reject';
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
    .map((text) => `${text}${fate.masquerade ? ' masqueraded' : ''}`)
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
    { source, destination, protocol, port, inInterface }: ModePacket,
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
    example: ({ source, destination, protocol, destinationPort = 0, inInterface, destinationIsLocal }) =>
      followed(
        { source, destination, protocol, port: destinationPort, inInterface },
        destinationIsLocal && !bound.has(destination) ? [destination] : [],
      ),
    fates: ({ iptables, ipvs }) => [toldFate(iptables), toldFate(ipvs)],
  };
}

/** Where a packet goes: other ports of an address are all alike. */
export function placeKey(destination: string, protocol: number, port: number, isOther: boolean): string {
  const host = addressIn(destination).text;
  return isOther ? `${host} other` : `${protocol} ${host}:${port}`;
}

export function isOtherPort({ port }: Pick<ModePacket, 'port'>): boolean {
  return port === OTHER_PORT;
}
