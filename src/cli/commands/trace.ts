import { addressOf, addressText, endpointText, type KnownAddress } from '../../core/analyze/trace/address.ts';
import type { Assumptions } from '../../core/analyze/trace/assumptions.ts';
import {
  hasPorts,
  DEFAULT_SOURCE_PORT,
  type ConnectionState,
  type TracePacket,
} from '../../core/analyze/trace/packet.ts';
import { trace, traceReply } from '../../core/analyze/trace/trace.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { parseIp, type Ip } from '../../core/model/ip.ts';
import type { ParsedIpSets } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import type { RuleSource } from '../../core/ruleset/rule-source.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RecentSetting } from '../options/recent-option.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printTrace } from '../output/print-trace.ts';
import { writeOut } from '../output/streams.ts';
import { traceDocument } from '../output/trace-document.ts';
import { UsageError } from '../usage-error.ts';
import { reportInput } from './show-plan.ts';
import { familyName, readTracedRules } from './trace-dump.ts';
import { readDestination, readSource } from './trace-ends.ts';
import { packetOf } from './trace-packet.ts';
import { readSnapshotFacts, type SnapshotFacts } from './trace-snapshot.ts';

/** The options of `trace` as commander stores them. */
export interface TraceFlags extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  readonly sport?: number;
  readonly mark?: number;
  readonly ctstate?: ConnectionState;
  readonly reply?: boolean;
  readonly recent?: readonly RecentSetting[];
  readonly ipset?: string;
  readonly localIp?: readonly string[];
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly filename?: readonly string[];
  readonly snapshot?: readonly string[];
  readonly node?: string;
  readonly explain?: boolean;
  readonly output: 'text' | 'json';
}

/** Follows a packet through the rules of a dump, and prints what becomes of it. */
export async function runTrace(flags: TraceFlags, paths: readonly string[]): Promise<number> {
  refuseContradictions(flags, paths);
  const facts = await snapshotFacts(flags);
  const [from, to] = [readSource(flags.from, facts), readDestination(flags.to, facts)];
  const rules = await readTracedRules(paths);
  const ipSets = flags.ipset === undefined ? undefined : await readIpSets(flags.ipset);
  const found: readonly Diagnostic[] = [
    ...rules.diagnostics,
    ...(facts?.diagnostics ?? []),
    ...(ipSets?.diagnostics ?? []),
  ];
  const local = (facts?.localIps ?? localIps(flags)).map(addressOf);
  const families = rules.sources.map(({ family }) => family);
  const packet = packetOf(from, to, flags, local, families);
  const source = rules.sources.find(({ family }) => family === packet.destination.family);
  if (source !== undefined) await show(source, packet, { flags, local, facts, ipSets });
  await reportInput(found, source === undefined ? '' : missingNote(source), flags);
  if (source === undefined) throw missingFamily(rules.name, packet);
  return hasErrors(found) ? 1 : 0;
}

function refuseContradictions(
  { filename, snapshot, ipset, ctstate, reply }: TraceFlags,
  paths: readonly string[],
): void {
  const fromStdin = [...paths, ...(filename ?? []), ...(snapshot ?? []), ipset].filter((path) => path === '-');
  if (fromStdin.length > 1) throw new UsageError('only one of the dump, -f and --ipset can read standard input');
  if (reply === true && ctstate !== undefined && ctstate !== 'NEW') {
    throw new UsageError(`--reply follows the reply to a first packet; leave out --ctstate ${ctstate.toLowerCase()}`);
  }
}

async function snapshotFacts(flags: TraceFlags): Promise<SnapshotFacts | undefined> {
  const paths = [...(flags.filename ?? []), ...(flags.snapshot ?? [])];
  if (paths.length > 0) return await readSnapshotFacts(paths, flags.node, localIps(flags));
  if (flags.node === undefined) return undefined;
  throw new UsageError('--node chooses a Node of a snapshot, and none is given', 'Give it: -f snapshot.json');
}

function localIps({ localIp = [] }: TraceFlags): readonly Ip[] {
  return localIp.map((text) => {
    const ip = parseIp(text);
    if (ip === undefined) throw new UsageError(`--local-ip ${text} is no address`);
    return ip;
  });
}

interface Known {
  readonly flags: TraceFlags;
  readonly local: readonly KnownAddress[];
  readonly facts: SnapshotFacts | undefined;
  readonly ipSets: ParsedIpSets | undefined;
}

async function show(source: RuleSource, packet: TracePacket, { flags, local, facts, ipSets }: Known): Promise<void> {
  const assumptions: Assumptions = {
    localAddresses: local,
    sets: ipSets?.sets,
    answer: (question) => (question.kind === 'recent' ? recentAnswer(flags.recent ?? [], question.subject) : undefined),
  };
  const isReply = flags.reply === true;
  const traced = (isReply ? traceReply : trace)(source, packet, assumptions);
  const { explain = false, verbose = false } = flags;
  if (flags.output === 'json') {
    const document = traceDocument(traced, { direction: isReply ? 'reply' : 'original', explain });
    await writeOut(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const names = new Map([...(facts?.podNames ?? [])].map(([address, name]) => [address, `pod ${name}`]));
  const title = titleOf(packet, isReply);
  const colors = paint(wantsColor(flags.color, process.stdout));
  await writeOut(printTrace(traced, { title, explain, verbose, paint: colors, names }));
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
  const marked = mark === undefined || mark === 0 ? '' : `, marked 0x${mark.toString(16)}`;
  return `${protocolText(protocol)} ${from} -> ${endpointText(destination, destinationPort)}, ${what}, ${by}${marked}`;
}

/** A part of a dump can make a packet seem to pass untouched. */
function missingNote(source: RuleSource): string {
  const missing = [
    ['nat', 'PREROUTING'],
    ['filter', 'FORWARD'],
  ].filter(([table = '', chain = '']) => source.chain(table, chain) === undefined);
  const names = missing.map(([table, chain]) => `${table} ${chain}`);
  return names.length === 0 ? '' : `note: the dump has no ${names.join(' and no ')}; it is taken for empty\n`;
}

function missingFamily(name: string, { destination }: TracePacket): UsageError {
  const family = familyName(destination.family);
  const tool = destination.family === 'ipv4' ? 'iptables-save' : 'ip6tables-save';
  return new UsageError(
    `${name} has no ${family} rules, and the packet is one of ${family}`,
    `Give the output of ${tool} too`,
  );
}
