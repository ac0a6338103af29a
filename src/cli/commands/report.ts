import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { decode } from '../../core/analyze/decode/decode.ts';
import type { Finding } from '../../core/analyze/lint/finding.ts';
import { lint } from '../../core/analyze/lint/lint.ts';
import type { LintDump } from '../../core/analyze/lint/lint-input.ts';
import { buildReport, type Report, type ReportSource } from '../../core/analyze/report/report.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { sortedBy } from '../../core/util/order.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { PacketFlags } from '../options/packet-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { loadDrawing } from '../output/draw-graph.ts';
import { printHtml } from '../output/html-page.ts';
import { findingsSummary } from '../output/print-lint.ts';
import { plainText } from '../output/plain-text.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { writeFile } from '../output/write-file.ts';
import { UsageError } from '../usage-error.ts';
import { readVersion } from '../version.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { readCluster, readConntrack, readLintDumps, refuseUnknownRules, type ReadCluster } from './lint-sources.ts';
import { tracePacket } from './report-packet.ts';
import { reportInput } from './show-plan.ts';
import { refuseReplyState } from './trace-input.ts';

/** The options of `report` as commander stores them. */
export interface ReportFlags extends GlobalOptions, RulesFlags, PacketFlags {
  readonly output?: string;
  readonly draw: number;
  readonly filename?: readonly string[];
  readonly conntrack?: string;
  readonly ignore?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

/** Reads dumps, and writes what can be said of them as a page; the result is the exit status. */
export async function runReport(flags: ReportFlags, paths: readonly string[]): Promise<number> {
  refuseContradictions(flags, paths);
  await refuseMissingFolder(flags.output);
  const { quiet = false } = flags;
  const dumps = await readLintDumps(paths, { command: 'report -o report.html', quiet });
  const conntrack = await readConntrack(flags.conntrack);
  const cluster = await readCluster(flags);
  const read = [...dumps.flatMap((dump) => dump.diagnostics), ...conntrack.diagnostics, ...cluster.diagnostics];
  const unreadable = dumps.every(({ ruleset }) => ruleset.tables.length === 0) || hasErrors(conntrack.diagnostics);
  if (unreadable || (flags.filename !== undefined && cluster.snapshot === undefined)) {
    await reportInput(read, cluster.note, flags);
    return 1;
  }
  const input = { dumps, snapshot: cluster.snapshot, conntrack: conntrack.listing };
  const findings = lint(input, { ignore: flags.ignore ?? [] });
  const sources = decodeAll(dumps, cluster);
  const packet = await tracePacket(flags, sources, cluster);
  const report = buildReport({ sources, findings, traced: packet.traced, mostDrawn: flags.draw });
  const diagnostics = [...read, ...packet.diagnostics];
  const html = printHtml(report, {
    draw: await loadDrawing(),
    packet: packet.title,
    names: packet.names,
    diagnostics,
    version: readVersion(),
  });
  await write(html, flags);
  await reportInput(diagnostics, cluster.note, flags);
  if (!quiet) await writeErr(note(report, findings, flags));
  return hasErrors(diagnostics) ? 1 : 0;
}

function refuseContradictions(flags: ReportFlags, paths: readonly string[]): void {
  const { output, filename = [], conntrack, ipset, ipvs, from, to } = flags;
  if (output === undefined && process.stdout.isTTY) {
    throw new UsageError('a page is nothing for a terminal', 'Say where to: chainsmith report -o report.html');
  }
  const inputs = [...paths, ...filename, conntrack, ipset, ipvs].filter((path) => path !== undefined);
  if (inputs.filter((path) => path === '-').length > 1) {
    throw new UsageError('standard input can be read once only; name files for the others');
  }
  if (output !== undefined && output !== '-' && inputs.some((path) => resolve(path) === resolve(output))) {
    throw new UsageError(`-o ${output} would take the place of what is read`, 'Choose another name: -o report.html');
  }
  if ((from === undefined) !== (to === undefined)) {
    const [given, missing] = from === undefined ? ['--to', '--from'] : ['--from', '--to'];
    throw new UsageError(`a packet has two ends: there is ${given}, and no ${missing}`);
  }
  refuseBadNodeName(flags.node);
  refuseUnknownRules(flags.ignore ?? []);
  refuseReplyState(flags);
}

/** A folder that is not there is rather a slip than a wish; and it is said before anything is read. */
async function refuseMissingFolder(output: string | undefined): Promise<void> {
  if (output === undefined || output === '-') return;
  const folder = dirname(output);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  const what = found === undefined ? `there is no folder ${folder}` : `${folder} is no folder`;
  throw new UsageError(
    plainText(`-o ${output}: ${what}`),
    plainText(`Make it (mkdir -p ${folder}), or choose another place`),
  );
}

/** Where rules have no comments, the Services of the cluster are names to try. */
function decodeAll(dumps: readonly LintDump[], { snapshot }: ReadCluster): readonly ReportSource[] {
  const names = (snapshot?.tables ?? []).flatMap(({ servicePorts }) => servicePorts.map(({ name }) => name));
  const sources = dumps.map(({ file, ruleset }) => ({ file, ruleset, rules: decode(ruleset, { names }) }));
  // IPv4 first, then in the order in which they were given.
  return sortedBy(sources, ({ rules }) => rules.family);
}

async function write(html: string, { output }: ReportFlags): Promise<void> {
  if (output === undefined || output === '-') await writeOut(html);
  else await writeFile(output, [html]);
}

function note({ services }: Report, findings: readonly Finding[], { output = '-' }: ReportFlags): string {
  const count = services.length === 1 ? '1 service port' : `${services.length} service ports`;
  const found = findings.length === 0 ? 'nothing found' : findingsSummary(findings);
  return plainText(`${output === '-' ? 'report' : output}: ${count}, ${found}`) + '\n';
}
