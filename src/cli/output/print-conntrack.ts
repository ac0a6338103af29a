import type { StaleGroup, StaleReason } from '../../core/analyze/conntrack/find-stale.ts';
import type { ConnectionProtocol } from '../../core/analyze/conntrack/tracked-connection.ts';
import { countOf } from '../../core/plan/summary/summary.ts';
import { endpointText } from '../../core/services/endpoint.ts';
import type { ConntrackExecutor, DeleteOutcome } from '../../host/conntrack/conntrack-table.ts';
import type { Paint } from './colors.ts';

export interface ConntrackView {
  readonly source: ConntrackExecutor | 'file';
  readonly networkNamespace: string | undefined;
  readonly protocols: readonly ConnectionProtocol[];
  /** Some service port has one of these protocols; else there is nothing that could be stale. */
  readonly isServed: boolean;
  /** How many connections were looked at. */
  readonly tracked: number;
  readonly stale: readonly StaleGroup[];
  /** Undefined: nothing was to be deleted. */
  readonly outcome: DeleteOutcome | undefined;
}

export interface PrintConntrackOptions {
  /** What to do about what is stale; "" where nothing is to be said. */
  readonly hint: string;
  /** Each connection by its client. */
  readonly verbose: boolean;
  readonly paint: Paint;
}

const WHY: { readonly [R in StaleReason]: string } = {
  'endpoint-gone': 'no endpoint of it any more',
  'no-endpoints': 'it has no endpoints',
  'not-translated': 'sent on as it came',
};

const HEADER = ['SERVICE PORT', 'ADDRESS', 'LEADS TO', 'CONNECTIONS', 'WHY'];

/** A row for each address of a Service and each place that its connections lead to; at the end what this comes to. */
export function printConntrack(view: ConntrackView, { verbose, hint, paint }: PrintConntrackOptions): string {
  const { stale } = view;
  if (!view.isServed)
    return `no service port is over ${view.protocols.join(' or ')}, so there is nothing to look for\n`;
  if (stale.length === 0) return `nothing is stale among ${trackedText(view)}\n`;
  const rows = stale.map((group) => [
    group.service,
    staleAddress(group),
    group.sentTo === undefined ? '-' : textOf(group, group.sentTo.address, group.sentTo.port),
    String(group.connections.length),
    WHY[group.reason],
  ]);
  const widths = HEADER.map((_, i) => Math.max(...[HEADER, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd((widths[i] ?? 0) + 2))
      .join('')
      .trimEnd();
  const body = stale.flatMap((group, i) => [
    line(rows[i] ?? []),
    ...(verbose ? group.connections.map((one) => `  from ${textOf(group, one.source, one.sourcePort)}`) : []),
  ]);
  return `${[paint.faint(line(HEADER)), ...body].join('\n')}\n\n${summary(view, hint)}\n`;
}

/** `10.96.0.10:53/udp` */
function staleAddress(group: StaleGroup): string {
  return `${textOf(group, group.address, group.port)}/${group.protocol.toLowerCase()}`;
}

function textOf({ family }: StaleGroup, text: string, port: number): string {
  return endpointText({ family, text }, port);
}

function trackedText({ tracked, protocols }: ConntrackView): string {
  return `${countOf(tracked, 'connection')} over ${protocols.join(' and ')}`;
}

function summary(view: ConntrackView, hint: string): string {
  if (view.outcome !== undefined) return deletedText(view.stale, view.outcome);
  return `${staleText(view.stale)} among ${trackedText(view)}${hint === '' ? '' : `; ${hint}`}`;
}

/** `315 stale connections of 2 service ports` */
export function staleText(stale: readonly StaleGroup[]): string {
  const count = stale.reduce((sum, { connections }) => sum + connections.length, 0);
  const services = new Set(stale.map(({ service }) => service));
  return `${countOf(count, 'stale connection')} of ${countOf(services.size, 'service port')}`;
}

export function deletedText(stale: readonly StaleGroup[], { deleted, gone, problems }: DeleteOutcome): string {
  const services = new Set(stale.map(({ service }) => service));
  const ended = gone === 0 ? '' : `, ${gone} had ended meanwhile`;
  const left = problems.length === 0 ? '' : `, ${countOf(problems.length, 'attempt')} failed`;
  return `deleted ${countOf(deleted, 'stale connection')} of ${countOf(services.size, 'service port')}${ended}${left}`;
}
