import type { DecodedEndpoint, DecodedFrontend, DecodedServicePort } from '../../core/analyze/decode/decoded-rules.ts';
import type { Share } from '../../core/analyze/decode/share.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { knownTexts, rangeText, routeTexts } from './print-decode-wide.ts';
import { conditionTexts, durationText, frontendText, masqueradeText } from './service-facts.ts';
import { percentText, shareText } from './share-text.ts';

type ServiceView = ReportView<'services'>['services'][number];

/** `cluster IP` and `10.96.0.10:53`, in lines. */
export function frontendLines(frontend: DecodedFrontend): readonly string[] {
  const text = frontendText(frontend, undefined);
  if (frontend.kind === 'node-port') return [text];
  const address = text.slice(text.lastIndexOf(' ') + 1);
  return [text.slice(0, text.length - address.length).trim(), address];
}

export function frontendRows({ frontends }: DecodedServicePort): ServiceView['frontends'] {
  return frontends.map((frontend) => {
    const { chain, refusal, proxyPort, masquerade, routes, shadowedBy, lines } = frontend;
    const reason = refusal?.reason === undefined ? '' : ` (${refusal.reason.replaceAll('-', ' ')})`;
    const to = [
      ...(chain === undefined ? [] : [chain]),
      ...(proxyPort === undefined ? [] : [`port ${proxyPort} of kube-proxy`]),
      ...(refusal === undefined ? [] : [`${refusal.verdict.toUpperCase()}${reason}`]),
    ];
    const notes = [
      ...routeTexts(routes),
      ...conditionTexts(frontend),
      ...(shadowedBy === undefined ? [] : [`taken before by line ${shadowedBy}`]),
    ];
    return {
      text: frontendText(frontend, undefined),
      to: to.length === 0 ? 'nothing' : to.join(', else '),
      masquerade: chain === undefined ? '' : masqueradeText(masquerade),
      notes: notes.join('; '),
      lines: rangeText(lines),
    };
  });
}

export function endpointRows({ endpoints }: DecodedServicePort): ServiceView['endpointRows'] {
  return endpoints.map((endpoint) => ({
    text: endpoint.text,
    share: cellOf(endpoint.cluster),
    local: cellOf(endpoint.local),
    chain: endpoint.chain ?? '',
    notes: endpointNotes(endpoint),
    lines: rangeText(endpoint.lines),
  }));
}

function cellOf(share: Share | undefined): string {
  if (share === undefined) return '';
  const isPart = share.oneOf !== undefined && share.oneOf !== 1;
  return isPart ? `${shareText(share)} (${percentText(share)})` : shareText(share);
}

function endpointNotes(endpoint: DecodedEndpoint): string {
  const { isLocal, hairpin, hashAgrees, remembers } = endpoint;
  return [
    ...(isLocal === true ? ['on this node'] : []),
    ...knownTexts(endpoint),
    ...(hairpin === false ? ['no hairpin rule'] : []),
    ...(hashAgrees === false ? ['chain named after another endpoint'] : []),
    ...(remembers ? ['keeps its clients'] : []),
  ].join(', ');
}

export function propertyRows(port: DecodedServicePort): ServiceView['properties'] {
  const { internalPolicy, externalPolicy, affinity, sourceRanges, masquerade, healthCheckNodePort, namedBy } = port;
  const row = (label: string, value: string, lines: readonly number[] = []): ServiceView['properties'][number] => ({
    label,
    value,
    lines: lines.length === 0 ? '' : `${lines.length === 1 ? 'line' : 'lines'} ${rangeText(lines)}`,
  });
  return [
    ...(namedBy === 'comment' ? [] : [row('Name', NAMED_BY[namedBy])]),
    ...(internalPolicy === undefined ? [] : [row('Internal policy', internalPolicy)]),
    ...(externalPolicy === undefined ? [] : [row('External policy', externalPolicy)]),
    ...(masquerade === undefined ? [] : [row('Cluster IP', masqueradeText(masquerade), masquerade.lines)]),
    ...(affinity === undefined
      ? []
      : [row('Session affinity', `by client IP, for ${durationText(affinity.seconds)}`, affinity.lines)]),
    ...(sourceRanges === undefined
      ? []
      : [
          row(
            'Source ranges',
            `${sourceRanges.cidrs.join(', ')}${sourceRanges.enforced ? '' : '; others are not dropped'}`,
            sourceRanges.lines,
          ),
        ]),
    ...(healthCheckNodePort === undefined
      ? []
      : [row('Health check node port', String(healthCheckNodePort.port), [healthCheckNodePort.line])]),
  ];
}

const NAMED_BY: { readonly [N in DecodedServicePort['namedBy']]: string } = {
  comment: 'from the comments',
  hash: 'found by the hash in the names of its chains',
  address: 'not known; its address stands for it',
  chain: 'not known; its chain stands for it',
};

export function chainRows({ chains }: DecodedServicePort): ServiceView['chains'] {
  return chains.map(({ name, table, rules, line }) => ({
    name: table === 'nat' ? name : `${table} ${name}`,
    lines: rules.length === 0 ? `line ${line}, empty` : `${rules.length === 1 ? 'line' : 'lines'} ${rangeText(rules)}`,
  }));
}
