import { addressOf, type KnownAddress } from '../../core/analyze/trace/address.ts';
import type { TracePacket } from '../../core/analyze/trace/packet.ts';
import { trace, traceReply } from '../../core/analyze/trace/trace.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { ParsedIpSets } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import type { RuleSource } from '../../core/ruleset/rule-source.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { PacketFlags } from '../options/packet-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printTrace } from '../output/print-trace.ts';
import { writeOut } from '../output/streams.ts';
import { traceDocument } from '../output/trace-document.ts';
import { UsageError } from '../usage-error.ts';
import { reportInput } from './show-plan.ts';
import { readTracedRules } from './trace-dump.ts';
import { readDestination, readSource } from './trace-ends.ts';
import { packetOf } from './trace-packet.ts';
import { readSnapshotFacts, type SnapshotFacts } from './trace-snapshot.ts';
import { assumptionsOf, localIpsOf, missingFamily, podLabels, refuseReplyState, titleOf } from './trace-words.ts';

/** The options of `trace` as commander stores them. */
export interface TraceFlags extends GlobalOptions, PacketFlags {
  readonly from: string;
  readonly to: string;
  readonly localIp?: readonly string[];
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
  const local = (facts?.localIps ?? localIpsOf(flags)).map(addressOf);
  const families = rules.sources.map(({ family }) => family);
  const packet = packetOf(from, to, flags, local, families);
  const source = rules.sources.find(({ family }) => family === packet.destination.family);
  if (source !== undefined) await show(source, packet, { flags, local, facts, ipSets });
  await reportInput(found, source === undefined ? '' : missingNote(source), flags);
  if (source === undefined) throw missingFamily(rules.name, packet);
  return hasErrors(found) ? 1 : 0;
}

function refuseContradictions(flags: TraceFlags, paths: readonly string[]): void {
  const { filename, snapshot, ipset } = flags;
  const fromStdin = [...paths, ...(filename ?? []), ...(snapshot ?? []), ipset].filter((path) => path === '-');
  if (fromStdin.length > 1) throw new UsageError('only one of the dump, -f and --ipset can read standard input');
  refuseReplyState(flags);
}

async function snapshotFacts(flags: TraceFlags): Promise<SnapshotFacts | undefined> {
  const paths = [...(flags.filename ?? []), ...(flags.snapshot ?? [])];
  if (paths.length > 0) return await readSnapshotFacts(paths, flags.node, localIpsOf(flags));
  if (flags.node === undefined) return undefined;
  throw new UsageError('--node chooses a Node of a snapshot, and none is given', 'Give it: -f snapshot.json');
}

interface Known {
  readonly flags: TraceFlags;
  readonly local: readonly KnownAddress[];
  readonly facts: SnapshotFacts | undefined;
  readonly ipSets: ParsedIpSets | undefined;
}

async function show(source: RuleSource, packet: TracePacket, { flags, local, facts, ipSets }: Known): Promise<void> {
  const assumptions = assumptionsOf(flags, local, ipSets);
  const isReply = flags.reply === true;
  const traced = (isReply ? traceReply : trace)(source, packet, assumptions);
  const { explain = false, verbose = false } = flags;
  if (flags.output === 'json') {
    const document = traceDocument(traced, { direction: isReply ? 'reply' : 'original', explain });
    await writeOut(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const names = podLabels(facts);
  const title = titleOf(packet, isReply);
  const colors = paint(wantsColor(flags.color, process.stdout));
  await writeOut(printTrace(traced, { title, explain, verbose, paint: colors, names }));
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
