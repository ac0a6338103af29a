import type {
  DecodedEndpoint,
  DecodedFrontend,
  DecodedServicePort,
  Lines,
} from '../../core/analyze/decode/decoded-rules.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import {
  conditionTexts,
  durationText,
  frontendText,
  masqueradeText,
  refusalText,
  serviceWarnings,
} from './service-facts.ts';
import { wrapText } from './wrap-text.ts';
import { percentText, shareText } from './share-text.ts';
import { schedulerWords } from '../../core/analyze/ipvs/scheduler-words.ts';
import type { Share } from '../../core/analyze/decode/share.ts';

export interface DetailOptions {
  readonly verbose: boolean;
  readonly paint: Paint;
  readonly width: number;
}

/** Of a Service with thousands of endpoints. */
const SHOWN_ENDPOINTS = 50;

/** Everything about one service port, as lines. */
export function portDetails(port: DecodedServicePort, { verbose, paint, width }: DetailOptions): readonly string[] {
  const endpoints = verbose ? port.endpoints : port.endpoints.slice(0, SHOWN_ENDPOINTS);
  const rest = port.endpoints.length - endpoints.length;
  const rows = endpoints.map((endpoint) => endpointCells(endpoint, port));
  return [
    ...aligned(
      port.frontends.map((frontend) => frontendCells(frontend, port)),
      width,
    ),
    ...policyLines(port),
    ...aligned(rows, width),
    ...(rest > 0 ? [paint.faint(`... and ${rest} more endpoints (-v shows all)`)] : []),
    ...chainLines(port, width),
  ].map((line) => (line.includes('\u001b') ? line : plainText(line)));
}

function frontendCells(frontend: DecodedFrontend, { endpoints, ipvs }: DecodedServicePort): readonly string[] {
  const { chain, refusal, proxyPort, masquerade, lines, shadowedBy, routes, sets } = frontend;
  const to = [
    ...(chain === undefined ? directTexts(frontend, endpoints) : [chain]),
    ...(proxyPort === undefined ? [] : [`port ${proxyPort} of kube-proxy`]),
    ...(sets === undefined && ipvs === undefined
      ? []
      : [sets === undefined || sets.length === 0 ? 'IPVS' : sets.join(', ')]),
  ];
  const refused = refusal === undefined ? [] : [refusalText(refusal)];
  const notes = [
    ...(chain === undefined && ipvs === undefined ? [] : [masqueradeText(masquerade)]),
    ...routeTexts(routes),
    ...(to.length === 0 ? [] : refused.map((text) => `what is left: ${text}`)),
    ...conditionTexts(frontend),
    ...(shadowedBy === undefined ? [] : [`taken before by line ${shadowedBy}`]),
  ];
  return [
    frontendText(frontend, undefined),
    `-> ${(to.length === 0 ? refused : to).join(', ')}`,
    lineRanges(lines),
    notes.join('; '),
  ];
}

/** Endpoints that its own rules send to. */
function directTexts({ lines }: DecodedFrontend, endpoints: readonly DecodedEndpoint[]): readonly string[] {
  const own = endpoints.filter(
    (endpoint) => endpoint.chain === undefined && endpoint.lines.some((line) => lines.includes(line)),
  );
  return own.map(({ text }) => text);
}

/** Where it matters where packets come from. */
export function routeTexts({ pod, node, outside }: DecodedFrontend['routes']): readonly string[] {
  if (pod === node && node === outside) return [];
  if (pod === node) return [`from outside ${outside}, else ${node}`];
  return pod === outside
    ? [`from the node ${node}, else ${outside}`]
    : [`pods ${pod}, node ${node}, outside ${outside}`];
}

function policyLines(port: DecodedServicePort): readonly string[] {
  const { internalPolicy, externalPolicy, affinity, sourceRanges, healthCheckNodePort, ipvs } = port;
  const policies = [
    ...(internalPolicy === undefined ? [] : [`internal policy ${internalPolicy}`]),
    ...(externalPolicy === undefined ? [] : [`external policy ${externalPolicy}`]),
  ];
  const more = [
    ...(affinity === undefined ? [] : [`affinity for ${durationText(affinity.seconds)}${behind(affinity.lines)}`]),
    ...(sourceRanges === undefined
      ? []
      : [`load balancer only from ${sourceRanges.cidrs.join(', ')}${behind(sourceRanges.lines)}`]),
    ...(ipvs?.scheduler === undefined ? [] : [`IPVS, ${schedulerText(ipvs)}`]),
    ...(healthCheckNodePort === undefined
      ? []
      : [`health check on port ${healthCheckNodePort.port} (line ${healthCheckNodePort.line})`]),
  ];
  return [...(policies.length === 0 ? [] : [policies.join(', ')]), ...more, ...serviceWarnings(port)];
}

function endpointCells(endpoint: DecodedEndpoint, { cluster, local }: DecodedServicePort): readonly string[] {
  const { text, isLocal, chain, hashAgrees, hairpin, lines, weight } = endpoint;
  const share = (of: Share | undefined): string =>
    of === undefined ? '-' : `${shareText(of)}${of.oneOf === undefined || of.oneOf === 1 ? '' : ` ${percentText(of)}`}`;
  const notes = [
    ...(isLocal === true ? ['here'] : []),
    ...knownTexts(endpoint),
    ...(weight === undefined || weight === 1 ? [] : [`weight ${weight}`]),
    ...(hairpin === false ? ['no hairpin rule'] : []),
    ...(hashAgrees === false ? ['named after another endpoint'] : []),
  ];
  return [
    text,
    ...(cluster === undefined && local === undefined ? [] : [share(endpoint.cluster)]),
    ...(local === undefined ? [] : [`Local ${share(endpoint.local)}`]),
    chain ?? '',
    lineRanges(lines),
    notes.join(', '),
  ];
}

function schedulerText({ scheduler = '', schedulerFlags }: NonNullable<DecodedServicePort['ipvs']>): string {
  const flags = schedulerFlags.length === 0 ? '' : ` (${schedulerFlags.join(', ')})`;
  return `${scheduler}${flags}: ${schedulerWords(scheduler)}`;
}

/** ` (lines 3-5)`; nothing for what no rule says. */
function behind(lines: Lines): string {
  return lines.length === 0 ? '' : ` (${lineRanges(lines)})`;
}

export function knownTexts({ knownBy, hairpin }: DecodedEndpoint): readonly string[] {
  if (knownBy === 'dnat' || knownBy === 'ipvs') return [];
  if (knownBy !== undefined) return [`known by the ${knownBy} only`];
  return [hairpin === undefined ? 'its chain is not in the dump' : 'its rules are gone or damaged'];
}

function chainLines({ chains }: DecodedServicePort, width: number): readonly string[] {
  const rows = chains.map(({ name, rules, line }) => [
    name,
    rules.length === 0 ? `line ${line}, empty` : lineRanges(rules),
  ]);
  return aligned(rows, width);
}

/** In columns; a last cell that would make its line too long stands below. */
function aligned(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const join = (row: readonly string[]): string =>
    row
      .map((cell, i) => (widths[i] === 0 ? '' : cell.padEnd((widths[i] ?? 0) + 2)))
      .join('')
      .trimEnd();
  return rows.flatMap((row) => {
    const line = join(row);
    const last = row.at(-1) ?? '';
    return line.length <= width || last === ''
      ? [line]
      : [join(row.slice(0, -1)), ...wrapText(last, width, '    ').trimEnd().split('\n')];
  });
}

/** `line 7`, `lines 3-5, 9`; empty for none */
export function lineRanges(lines: Lines): string {
  if (lines.length === 0) return '';
  return `${lines.length === 1 ? 'line' : 'lines'} ${rangeText(lines)}`;
}

/** `7`, `3-5, 9` */
export function rangeText(lines: Lines): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last !== undefined && line === last[1] + 1) last[1] = line;
    else if (last === undefined || line !== last[1]) ranges.push([line, line]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
