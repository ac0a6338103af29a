import type { DecodedRules, DecodedServicePort } from '../decode/decoded-rules.ts';
import type { Finding } from '../lint/finding.ts';
import type { Trace } from '../trace/trace.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import { sortedBy } from '../../util/order.ts';
import { attachFindings } from './attach-findings.ts';
import { tracedServices } from './traced-services.ts';

/** Everything that a report is made of. */
export interface ReportInput {
  readonly sources: readonly ReportSource[];
  /** In the order of `lint`. */
  readonly findings: readonly Finding[];
  /** Of one packet, if one was chosen. */
  readonly traced: TracedPacket | undefined;
  /** How many service ports are drawn at most; the others are told in words alone. */
  readonly mostDrawn: number;
}

export interface TracedPacket {
  readonly trace: Trace;
  /** The one of the sources whose rules it went through. */
  readonly source: ReportSource;
}

/** The rules of one family, of one dump. */
export interface ReportSource {
  /** As it was given, or `<stdin>`. */
  readonly file: string;
  readonly ruleset: Ruleset;
  readonly rules: DecodedRules;
}

/** What a report shows, before it is put into words. */
export interface Report {
  readonly sources: readonly ReportSource[];
  /** Of all sources, in their order; in each as `decode` sorts them. */
  readonly services: readonly ReportedService[];
  readonly findings: readonly ReportedFinding[];
  readonly traced: TracedPacket | undefined;
  /** How many service ports could be drawn, and are not. */
  readonly undrawn: number;
}

export interface ReportedService {
  readonly source: ReportSource;
  readonly port: DecodedServicePort;
  readonly findings: readonly Finding[];
  /** The packet of the trace is for it. */
  readonly traced: boolean;
  readonly drawn: boolean;
}

export interface ReportedFinding {
  readonly finding: Finding;
  /** Which of the services it is about, by their index. */
  readonly services: readonly number[];
}

/**
 * Joins what was found out about the rules of a node by Service. Where not all can be drawn, those come first that the packet of the
 * trace is for, then those with the worst findings, then the others in their order.
 */
export function buildReport({ sources, findings, traced, mostDrawn }: ReportInput): Report {
  const places = sources.flatMap((source) => source.rules.servicePorts.map((port) => ({ source, port })));
  const reported = attachFindings(places, findings);
  const byService = places.map((): Finding[] => []);
  for (const { finding, services } of reported) for (const index of services) byService[index]?.push(finding);
  const passed = tracedServices(traced, places);
  const candidates = places
    .map(({ port }, index) => ({ port, index }))
    .filter(({ port }) => hasDrawing(port))
    .map(({ index }) => index);
  const urgent = sortedBy(candidates, (index) => urgency(byService[index] ?? [], passed.has(index)));
  const drawn = new Set(urgent.slice(0, Math.max(0, mostDrawn)));
  const services = places.map(({ source, port }, index) => ({
    source,
    port,
    findings: byService[index] ?? [],
    traced: passed.has(index),
    drawn: drawn.has(index),
  }));
  return { sources, services, findings: reported, traced, undrawn: candidates.length - drawn.size };
}

function hasDrawing({ frontends, endpoints }: DecodedServicePort): boolean {
  return frontends.length > 0 || endpoints.length > 0;
}

/** Less is drawn first. */
function urgency(findings: readonly Finding[], traced: boolean): number {
  if (traced) return 0;
  const severities = new Set(findings.map(({ severity }) => severity));
  if (severities.has('error')) return 1;
  return severities.has('warning') ? 2 : 3;
}
