/** Reports as the command makes them, without files. */
import { decode } from '../../src/core/analyze/decode/decode.ts';
import { lint } from '../../src/core/analyze/lint/lint.ts';
import { buildReport, type Report, type ReportSource } from '../../src/core/analyze/report/report.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { readAddress } from '../../src/core/analyze/trace/address.ts';
import type { TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import type { IpFamily } from '../../src/core/model/ip.ts';
import { invariant } from '../../src/core/util/assert.ts';
import { loadDrawing } from '../../src/cli/output/draw-graph.ts';
import { printHtml } from '../../src/cli/output/html-page.ts';

export interface DumpText {
  readonly file: string;
  readonly text: string;
  readonly family?: IpFamily;
}

export function reportOf(dumps: readonly DumpText[], mostDrawn: number = 200, packet?: TracePacket): Report {
  const read = dumps.map(({ file, text, family = 'ipv4' }) => ({ file, ...parseIptablesSave(text, { file, family }) }));
  const sources = read.map(({ file, ruleset }): ReportSource => ({ file, ruleset, rules: decode(ruleset) }));
  const [source] = sources;
  invariant(source !== undefined, 'a dump');
  const traced = packet === undefined ? undefined : { trace: trace(source.ruleset, packet), source };
  return buildReport({ sources, findings: lint({ dumps: read }), traced, mostDrawn });
}

export async function htmlOf(report: Report): Promise<string> {
  const draw = await loadDrawing();
  return printHtml(report, { draw, packet: 'a packet', names: new Map(), diagnostics: [], version: '1.2.3' });
}

/** A TCP packet from the network. */
export function packetTo(from: string, to: string, port: number): TracePacket {
  const [source, destination] = [readAddress(from), readAddress(to)];
  invariant(source !== undefined && destination !== undefined, 'addresses');
  return { origin: 'network', source, destination, protocol: 6, destinationPort: port };
}
