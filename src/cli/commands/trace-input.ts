import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { parseIp, type Ip } from '../../core/model/ip.ts';
import type { ParsedIpvs } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import type { ParsedIpSets } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import { readIpvs } from '../../host/sources/read-ipvs.ts';
import { nodeIo, type SourceIo } from '../../host/sources/source-io.ts';
import type { PacketFlags } from '../options/packet-options.ts';
import { UsageError } from '../usage-error.ts';
import type { TraceFlags } from './trace-flags.ts';
import { readTracedRules, type TracedRules } from './trace-dump.ts';
import { readSnapshotFacts, type SnapshotFacts } from './trace-snapshot.ts';

/** Everything that a trace is made of. */
export interface TraceInput {
  readonly rules: TracedRules;
  readonly ipSets: ParsedIpSets | undefined;
  readonly ipvs: ParsedIpvs | undefined;
  readonly facts: SnapshotFacts | undefined;
  /** The node's addresses, without loopback. */
  readonly localIps: readonly Ip[];
  readonly diagnostics: readonly Diagnostic[];
}

export async function readTraceInput(
  flags: TraceFlags,
  paths: readonly string[],
  io: SourceIo = nodeIo,
): Promise<TraceInput> {
  refuseContradictions(flags, paths);
  const facts = await snapshotFacts(flags, io);
  const rules = await readTracedRules(paths, io);
  const ipSets = flags.ipset === undefined ? undefined : await readIpSets(flags.ipset, io);
  const ipvs = flags.ipvs === undefined ? undefined : await readIpvs(flags.ipvs, io);
  const diagnostics = [rules, facts, ipSets, ipvs].flatMap((read) => read?.diagnostics ?? []);
  return { rules, ipSets, ipvs, facts, localIps: facts?.localIps ?? localIpsOf(flags), diagnostics };
}

function refuseContradictions(flags: TraceFlags, paths: readonly string[]): void {
  const { filename, snapshot, ipset, ipvs } = flags;
  const fromStdin = [...paths, ...(filename ?? []), ...(snapshot ?? []), ipset, ipvs].filter((path) => path === '-');
  if (fromStdin.length > 1)
    throw new UsageError('only one of the dump, -f, --ipset and --ipvs can read standard input');
  refuseReplyState(flags);
}

export function refuseReplyState({ reply, ctstate }: PacketFlags): void {
  if (reply !== true || ctstate === undefined || ctstate === 'NEW') return;
  throw new UsageError(`--reply follows the reply to a first packet; leave out --ctstate ${ctstate.toLowerCase()}`);
}

async function snapshotFacts(flags: TraceFlags, io: SourceIo): Promise<SnapshotFacts | undefined> {
  const paths = [...(flags.filename ?? []), ...(flags.snapshot ?? [])];
  if (paths.length > 0) return await readSnapshotFacts(paths, flags.node, localIpsOf(flags), io);
  if (flags.node === undefined) return undefined;
  throw new UsageError('--node chooses a Node of a snapshot, and none is given', 'Give it: -f snapshot.json');
}

/** The addresses of --local-ip. */
export function localIpsOf({ localIp = [] }: PacketFlags): readonly Ip[] {
  return localIp.map((text) => {
    const ip = parseIp(text);
    if (ip === undefined) throw new UsageError(`--local-ip ${text} is no address`);
    return ip;
  });
}
