import { ipFromNumber } from '../../model/ip.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { IpvsTable } from '../../ruleset/virtual-server.ts';
import { VirtualServerIndex } from '../ipvs/virtual-server-index.ts';
import { addressOf, readAddress } from '../trace/address.ts';
import type { Assumptions } from '../trace/assumptions.ts';
import { trace } from '../trace/trace.ts';
import type { ExamplePacket } from '../verify/example.ts';
import type { IpvsMeaning } from '../verify/ipvs/ipvs-specification.ts';
import { exampleSources } from '../verify/setting.ts';
import { PROTOCOL_NUMBERS } from '../verify/specification.ts';
import type { ModeDifference } from './mode-difference.ts';

/** What one family of a node has in either mode. */
export interface ModeRules {
  readonly iptables: Ruleset;
  readonly ipvs: { readonly ruleset: Ruleset; readonly table: IpvsTable; readonly sets: ReadonlyMap<string, IpSet> };
}

/** How many rules of either mode the first packet of a connection meets on its way to the last Service. Undefined: there is none. */
export function firstPacket(
  { table, settings, localAddresses }: IpvsMeaning,
  { iptables, ipvs }: ModeRules,
): ModeDifference | undefined {
  const { family } = settings;
  const last = table.servicePorts.findLast(({ clusterEndpoints }) => clusterEndpoints.length > 0);
  const [from] = exampleSources(settings, family);
  if (last === undefined || from === undefined) return undefined;
  const packet = packetTo(last.clusterIp.text, PROTOCOL_NUMBERS[last.protocol], last.port, {
    source: ipFromNumber(family, from).text,
  });
  const own = { localAddresses: localAddresses.map(addressOf) };
  const index = new VirtualServerIndex(ipvs.table);
  const counts = [
    rulesAsked(iptables, packet, own),
    rulesAsked(ipvs.ruleset, packet, { ...own, sets: ipvs.sets, ipvs: index }),
  ];
  const [before = 0, after = 0] = counts;
  const service = { service: last.name, protocol: last.protocol, frontend: 'clusterIP' } as const;
  const asked = (rules: number) => ({ kind: 'asked', rules }) as const;
  return before === after
    ? undefined
    : { topic: 'first-packet', ...service, packet, iptables: asked(before), ipvs: asked(after) };
}

/** Of the ways that it may go, the longest. */
function rulesAsked(rules: Ruleset, packet: ExamplePacket, known: Assumptions): number {
  const [source, destination] = [readAddress(packet.source), readAddress(packet.destination)];
  if (source === undefined || destination === undefined) return 0;
  const { protocol, sourcePort, destinationPort, inInterface } = packet;
  const ports = { sourcePort, destinationPort };
  const { outcomes } = trace(rules, { origin: 'network', source, destination, protocol, ...ports, inInterface }, known);
  return Math.max(0, ...outcomes.map((outcome) => outcome.rulesAsked));
}

function packetTo(
  destination: string,
  protocol: number,
  destinationPort: number,
  { source }: Pick<ExamplePacket, 'source'>,
): ExamplePacket {
  return {
    inInterface: 'eth0',
    source,
    sourceIsLocal: false,
    sourcePort: 40_000,
    destination,
    destinationIsLocal: false,
    destinationPort,
    protocol,
    tracking: 'NEW',
    mark: 0,
    endpointIsLocal: false,
    outInterface: undefined,
    newOutInterface: undefined,
    tcpFlags: undefined,
    icmp: undefined,
    wasTranslated: false,
    conditions: [],
  };
}
