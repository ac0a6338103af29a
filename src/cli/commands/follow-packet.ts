import { hex } from '../../core/ruleset/print-values.ts';
import { VirtualServerIndex } from '../../core/analyze/ipvs/virtual-server-index.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { addressOf, addressText, endpointText } from '../../core/analyze/trace/address.ts';
import type { Assumptions } from '../../core/analyze/trace/assumptions.ts';
import {
  DEFAULT_SOURCE_PORT,
  hasPorts,
  type ConnectionState,
  type TracePacket,
} from '../../core/analyze/trace/packet.ts';
import { trace, traceReply, type Trace } from '../../core/analyze/trace/trace.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import type { RuleSource } from '../../core/ruleset/rule-source.ts';
import type { PacketFlags } from '../options/packet-options.ts';
import type { RecentSetting } from '../options/recent-option.ts';
import { UsageError } from '../usage-error.ts';
import { familyName } from './trace-dump.ts';
import { readDestination, readSource } from './trace-ends.ts';
import type { TraceInput } from './trace-input.ts';
import { packetOf } from './trace-packet.ts';

export interface FollowedPacket {
  readonly trace: Trace;
  /** The rules that it met. */
  readonly source: RuleSource;
  /** The packet in one line. */
  readonly title: string;
  /** Names for endpoints, `pod shop/web-1` ..., by address. */
  readonly names: ReadonlyMap<string, string>;
}

export interface PacketOptions extends PacketFlags {
  readonly from: string;
  readonly to: string;
}

/** Follows the packet that the options describe. Throws a UsageError if there can be none. */
export function followPacket(input: Omit<TraceInput, 'diagnostics'>, flags: PacketOptions): FollowedPacket {
  const { rules, facts, ipSets } = input;
  // Of a part of them nothing can be concluded.
  const ipvs =
    input.ipvs === undefined || hasErrors(input.ipvs.diagnostics)
      ? undefined
      : new VirtualServerIndex(input.ipvs.table);
  const [from, to] = [readSource(flags.from, facts), readDestination(flags.to, facts)];
  const local = input.localIps.map(addressOf);
  const packet = packetOf(
    from,
    to,
    flags,
    { local, virtual: (address) => ipvs?.hasAddress(address.text) === true },
    rules.sources.map(({ family }) => family),
  );
  const [source, second] = rules.sources.filter(({ family }) => family === packet.destination.family);
  if (source === undefined) throw missingFamily(rules.name, packet);
  if (second !== undefined) {
    const message = `a packet goes through the rules of one dump, and several of ${rules.name} are of its family`;
    throw new UsageError(message, 'Name one dump of each family');
  }
  const isReply = flags.reply === true;
  const traced = (isReply ? traceReply : trace)(source, packet, {
    localAddresses: local,
    sets: ipSets?.sets,
    ipvs,
    answer: answers(flags.recent ?? []),
  });
  const names = new Map([...(facts?.podNames ?? [])].map(([address, name]) => [address, `pod ${name}`]));
  return { trace: traced, source, title: titleOf(packet, isReply), names };
}

function answers(settings: readonly RecentSetting[]): Assumptions['answer'] {
  return ({ kind, subject }) => (kind === 'recent' ? recentAnswer(settings, subject) : undefined);
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

function titleOf(packet: TracePacket, isReply: boolean): string {
  const { origin, source, destination, protocol, sourcePort, destinationPort, state = 'NEW', mark } = packet;
  const port = hasPorts(protocol) ? (sourcePort ?? DEFAULT_SOURCE_PORT) : undefined;
  const from = source === 'own' ? addressText(source) : endpointText(source, port);
  const what = isReply ? 'the reply to the first packet of a connection' : PACKETS[state];
  const by = origin === 'node' ? 'from the node itself' : 'from the network';
  const marked = mark === undefined || mark === 0 ? '' : `, marked ${hex(mark)}`;
  return `${protocolText(protocol)} ${from} -> ${endpointText(destination, destinationPort)}, ${what}, ${by}${marked}`;
}

function missingFamily(name: string, { destination }: TracePacket): UsageError {
  const family = familyName(destination.family);
  const tool = destination.family === 'ipv4' ? 'iptables-save' : 'ip6tables-save';
  return new UsageError(
    `${name} has no ${family} rules, and the packet is one of ${family}`,
    `Give the output of ${tool} too`,
  );
}
