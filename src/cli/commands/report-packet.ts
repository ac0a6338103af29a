import type { ReportSource, TracedPacket } from '../../core/analyze/report/report.ts';
import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { rulesetSource } from '../../core/ruleset/rule-source.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import { readIpvs } from '../../host/sources/read-ipvs.ts';
import { nodeIo } from '../../host/sources/source-io.ts';
import { followPacket } from './follow-packet.ts';
import type { ReadCluster } from './lint-sources.ts';
import type { ReportFlags } from './report.ts';
import { localIpsOf } from './trace-input.ts';
import { factsIn } from './trace-snapshot.ts';

export interface ReportPacket {
  readonly traced: TracedPacket | undefined;
  readonly title: string;
  /** What endpoints are called, by address. */
  readonly names: ReadonlyMap<string, string>;
  /** Of reading ipsets and virtual servers. */
  readonly diagnostics: readonly Diagnostic[];
}

const NO_PACKET: ReportPacket = { traced: undefined, title: '', names: new Map(), diagnostics: [] };

/** Follows the packet that the options describe, as `trace` does; they may describe none. */
export async function tracePacket(
  flags: ReportFlags,
  sources: readonly ReportSource[],
  cluster: ReadCluster,
): Promise<ReportPacket> {
  const { from, to, ipset, ipvs: ipvsFile, filename } = flags;
  if (from === undefined || to === undefined) return NO_PACKET;
  const own = localIpsOf(flags);
  const facts = filename === undefined ? undefined : factsIn(cluster, cluster.node, own);
  const ipSets = ipset === undefined ? undefined : await readIpSets(ipset, nodeIo);
  const ipvs = ipvsFile === undefined ? undefined : await readIpvs(ipvsFile, nodeIo);
  const bySource = new Map(sources.map((source) => [rulesetSource(source.ruleset), source]));
  const name = [...new Set(sources.map(({ file }) => file))].join(' and ');
  const rules = { sources: [...bySource.keys()], name, diagnostics: [] };
  const followed = followPacket(
    { rules, facts, ipSets, ipvs, localIps: facts?.localIps ?? own },
    { ...flags, from, to },
  );
  const source = bySource.get(followed.source);
  return {
    traced: source === undefined ? undefined : { trace: followed.trace, source },
    title: followed.title,
    names: followed.names,
    diagnostics: [ipSets, ipvs].flatMap((read) => read?.diagnostics ?? []),
  };
}
