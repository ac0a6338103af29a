import type { ReportSource, TracedPacket } from '../../core/analyze/report/report.ts';
import { addressOf } from '../../core/analyze/trace/address.ts';
import { trace, traceReply } from '../../core/analyze/trace/trace.ts';
import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import { UsageError } from '../usage-error.ts';
import type { ReadCluster } from './lint-sources.ts';
import type { ReportFlags } from './report.ts';
import { readDestination, readSource } from './trace-ends.ts';
import { packetOf } from './trace-packet.ts';
import { factsIn } from './trace-snapshot.ts';
import { assumptionsOf, localIpsOf, missingFamily, podLabels, titleOf } from './trace-words.ts';

export interface ReportPacket {
  readonly traced: TracedPacket;
  readonly title: string;
  /** What endpoints are called, by address. */
  readonly names: ReadonlyMap<string, string>;
  /** Of reading ipsets. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Follows the packet that the options describe, as `trace` does; undefined if they describe none. */
export async function tracePacket(
  flags: ReportFlags,
  sources: readonly ReportSource[],
  cluster: ReadCluster,
): Promise<ReportPacket | undefined> {
  const { from, to, ipset, reply = false, filename } = flags;
  if (from === undefined || to === undefined) return undefined;
  const own = localIpsOf(flags);
  const facts = filename === undefined ? undefined : factsIn(cluster, cluster.node, own);
  const ends = [readSource(from, facts), readDestination(to, facts)] as const;
  const local = (facts?.localIps ?? own).map(addressOf);
  const families = sources.map(({ rules }) => rules.family);
  const packet = packetOf(...ends, flags, local, families);
  const fitting = sources.filter(({ rules }) => rules.family === packet.destination.family);
  const [source, second] = fitting;
  if (source === undefined) throw missingFamily(namesOf(sources), packet);
  if (second !== undefined) {
    throw new UsageError(
      `a packet goes through the rules of one dump, and ${namesOf(fitting)} are of its family`,
      'Name one of them',
    );
  }
  const ipSets = ipset === undefined ? undefined : await readIpSets(ipset);
  const traced = (reply ? traceReply : trace)(source.ruleset, packet, assumptionsOf(flags, local, ipSets));
  return {
    traced: { trace: traced, source },
    title: titleOf(packet, reply),
    names: podLabels(facts),
    diagnostics: ipSets?.diagnostics ?? [],
  };
}

function namesOf(sources: readonly ReportSource[]): string {
  return [...new Set(sources.map(({ file }) => file))].join(' and ');
}
