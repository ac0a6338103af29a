// What trace and report make of the options of a packet.
import { addressText, endpointText, type KnownAddress } from '../../core/analyze/trace/address.ts';
import type { Assumptions } from '../../core/analyze/trace/assumptions.ts';
import {
  hasPorts,
  DEFAULT_SOURCE_PORT,
  type ConnectionState,
  type TracePacket,
} from '../../core/analyze/trace/packet.ts';
import { parseIp, type Ip } from '../../core/model/ip.ts';
import type { ParsedIpSets } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import type { PacketFlags } from '../options/packet-options.ts';
import type { RecentSetting } from '../options/recent-option.ts';
import { UsageError } from '../usage-error.ts';
import { familyName } from './trace-dump.ts';
import type { SnapshotFacts } from './trace-snapshot.ts';

/** What the options say beside the rules. */
export function assumptionsOf(
  { recent = [] }: PacketFlags,
  local: readonly KnownAddress[],
  ipSets: ParsedIpSets | undefined,
): Assumptions {
  return {
    localAddresses: local,
    sets: ipSets?.sets,
    answer: (question) => (question.kind === 'recent' ? recentAnswer(recent, question.subject) : undefined),
  };
}

/** What was said of one list wins over what was said of all. */
function recentAnswer(settings: readonly RecentSetting[], list: string): boolean | 'either' | undefined {
  return (settings.findLast((one) => one.list === list) ?? settings.findLast((one) => one.list === undefined))?.answer;
}

const PACKETS: Readonly<Record<ConnectionState, string>> = {
  NEW: 'the first packet of a connection',
  ESTABLISHED: 'a later packet of a connection',
  RELATED: 'a packet that conntrack calls RELATED',
  INVALID: 'a packet that conntrack calls INVALID',
  UNTRACKED: 'a packet that conntrack does not follow',
};

/** The packet in one line. */
export function titleOf(packet: TracePacket, isReply: boolean): string {
  const { origin, source, destination, protocol, sourcePort, destinationPort, state = 'NEW', mark } = packet;
  const port = hasPorts(protocol) ? (sourcePort ?? DEFAULT_SOURCE_PORT) : undefined;
  const from = source === 'own' ? addressText(source) : endpointText(source, port);
  const what = isReply ? 'the reply to the first packet of a connection' : PACKETS[state];
  const by = origin === 'node' ? 'from the node itself' : 'from the network';
  const marked = mark === undefined || mark === 0 ? '' : `, marked 0x${mark.toString(16)}`;
  return `${protocolText(protocol)} ${from} -> ${endpointText(destination, destinationPort)}, ${what}, ${by}${marked}`;
}

/** The addresses of --local-ip. */
export function localIpsOf({ localIp = [] }: { readonly localIp?: readonly string[] }): readonly Ip[] {
  return localIp.map((text) => {
    const ip = parseIp(text);
    if (ip === undefined) throw new UsageError(`--local-ip ${text} is no address`);
    return ip;
  });
}

/** There are no rules that the packet could go through. */
export function missingFamily(name: string, { destination }: TracePacket): UsageError {
  const family = familyName(destination.family);
  const tool = destination.family === 'ipv4' ? 'iptables-save' : 'ip6tables-save';
  return new UsageError(
    `${name} has no ${family} rules, and the packet is one of ${family}`,
    `Give the output of ${tool} too`,
  );
}

export function refuseReplyState({ reply, ctstate }: PacketFlags): void {
  if (reply !== true || ctstate === undefined || ctstate === 'NEW') return;
  throw new UsageError(`--reply follows the reply to a first packet; leave out --ctstate ${ctstate.toLowerCase()}`);
}

/** What endpoints are called: `pod shop/web-1`, by address. */
export function podLabels(facts: SnapshotFacts | undefined): ReadonlyMap<string, string> {
  return new Map([...(facts?.podNames ?? [])].map(([address, name]) => [address, `pod ${name}`]));
}
