import { chainJumps, type JumpsOf } from '../../core/analyze/report/chain-jumps.ts';
import type { Report, ReportedService, ReportSource } from '../../core/analyze/report/report.ts';
import { serviceGraph } from '../../core/analyze/report/service-graph.ts';
import type { Severity } from '../../core/diag/diagnostic.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import type { DrawGraph } from './draw-graph.ts';
import { nameOfSource } from './html-sources.ts';
import { chainRows, endpointRows, frontendLines, frontendRows, propertyRows } from './html-service-rows.ts';
import { capital, countText } from './html-words.ts';
import { addressText, endpointsText, serviceFacts } from './service-facts.ts';
import { shareText } from './share-text.ts';

type ServicesView = ReportView<'services'>;
type ServiceView = ServicesView['services'][number];

/** Of the rows of a service port, by its index. */
export function serviceId(index: number): string {
  return `s${index + 1}`;
}

export function servicesView({ services, sources, undrawn }: Report, draw: DrawGraph): ServicesView {
  const endpoints = new Set(services.flatMap(({ port }) => port.endpoints.map(({ text }) => text)));
  const drawn = services.filter((service) => service.drawn).length;
  const summary =
    services.length === 0
      ? 'There are no rules of Services.'
      : `${countText(services.length, 'service port')}, ${countText(endpoints.size, 'endpoint')}.`;
  const some = drawn === 0 ? 'None is drawn' : `${countText(drawn, 'is', 'are')} drawn, those with findings first`;
  const jumps = new Map<ReportSource, JumpsOf>(sources.map((source) => [source, chainJumps(source.ruleset)]));
  return {
    summary,
    note: undrawn === 0 ? '' : `${some}; all are told in words. The option --draw says how many are drawn.`,
    services: services.map((service, index) => {
      const jumpsOf = jumps.get(service.source) ?? (() => []);
      const drawing = service.drawn ? drawService(service, jumpsOf, draw) : '';
      const source = nameOfSource(service.source, sources);
      return { id: serviceId(index), source, drawing, ...serviceView(service) };
    }),
  };
}

function drawService({ port }: ReportedService, jumpsOf: JumpsOf, draw: DrawGraph): string {
  const words = { frontend: frontendLines, share: shareText };
  return draw(serviceGraph(port, jumpsOf, words), `From the addresses of ${port.name} to its endpoints`);
}

function serviceView(service: ReportedService): Omit<ServiceView, 'id' | 'source' | 'drawing'> {
  const { port, findings, traced, drawn } = service;
  const parts = [
    ...(drawn ? ['drawing'] : []),
    ...(findings.length > 0 ? [countText(findings.length, 'finding')] : []),
    ...(port.frontends.length > 0 ? [countText(port.frontends.length, 'address', 'addresses')] : []),
    ...(port.endpoints.length > 0 ? [countText(port.endpoints.length, 'endpoint')] : []),
    ...(port.chains.length > 0 ? [countText(port.chains.length, 'chain')] : []),
  ];
  return {
    name: port.name,
    traced,
    address: addressText(port),
    endpoints: endpointsText(port),
    facts: serviceFacts(port).map((text) => ({ text })),
    severity: worst(findings.map(({ severity }) => severity)) ?? '',
    findingsCount: findings.length < 2 ? '' : ` (${findings.length})`,
    details: capital(parts.join(', ')),
    findings: findings.map(({ severity, code, message }) => ({ severity, code, message })),
    properties: propertyRows(port),
    frontends: frontendRows(port),
    hasEndpoints: port.endpoints.length > 0,
    hasLocal: port.local !== undefined,
    endpointRows: endpointRows(port),
    chains: chainRows(port),
  };
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

function worst(severities: readonly Severity[]): Severity | undefined {
  return SEVERITIES.find((severity) => severities.includes(severity));
}
