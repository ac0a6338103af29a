import type {
  DecodedFrontend,
  DecodedMasquerade,
  DecodedRefusal,
  DecodedServicePort,
} from '../../core/analyze/decode/decoded-rules.ts';
import type { Share } from '../../core/analyze/decode/share.ts';
import { percentText, shareText } from './share-text.ts';

/** `3 (1/3 each)`, `none: REJECT`: what stands for the endpoints of a service port in one line. */
export function endpointsText(port: DecodedServicePort): string {
  const { cluster, local, endpoints, frontends } = port;
  const choice = cluster ?? local;
  if (choice === undefined || choice.count === 0) {
    if (frontends.some(({ routes }) => routes.outside === 'ipvs')) return 'in IPVS (--ipvs)';
    if (port.ipvs?.scheduler === undefined && port.ipvs !== undefined) return 'none: no virtual server';
    if (frontends.some(({ proxyPort }) => proxyPort !== undefined)) return 'known to kube-proxy';
    const refusal = frontends.map((frontend) => frontend.refusal).find((r) => r !== undefined);
    if (endpoints.length > 0)
      return choice === undefined ? String(endpoints.length) : `${endpoints.length} (no shares)`;
    return refusal === undefined ? 'none' : `none: ${refusal.verdict.toUpperCase()}`;
  }
  const policy = cluster === undefined ? 'local' : 'cluster';
  const shares = endpoints.flatMap((endpoint) => endpoint[policy] ?? []);
  const [first] = shares;
  if (first === undefined) return String(choice.count);
  const isEven =
    first.oneOf !== undefined &&
    shares.every(({ oneOf, precision }) => oneOf === first.oneOf && precision === first.precision);
  const text = isEven ? `${shareText(first)} each` : spreadText(shares);
  const by = port.ipvs?.scheduler === undefined ? '' : `${port.ipvs.scheduler}, `;
  const count = choice.count === 1 && isEven ? '1' : `${choice.count} (${by}${text})`;
  return cluster !== undefined && local !== undefined && local.count !== cluster.count
    ? `${count}, ${local.count} here`
    : count;
}

function spreadText(shares: readonly Share[]): string {
  const ratios = shares.map(({ ratio }) => ratio).sort((a, b) => a - b);
  return `${percentText({ ratio: ratios[0] ?? 0 })} to ${percentText({ ratio: ratios.at(-1) ?? 0 })}`;
}

/** `30080`, `198.51.100.7`, `198.51.100.7:8080` where the port is another one than that of the cluster IP. */
export function frontendText({ kind, address, port }: DecodedFrontend, usual: number | undefined): string {
  if (kind === 'node-port') return `node port ${port ?? 'any'}`;
  const host = address ?? 'any';
  const name = {
    'cluster-ip': 'cluster IP',
    'external-ip': 'external IP',
    'load-balancer-ip': 'LB IP',
    external: 'external or LB IP',
    'virtual-server': 'virtual server',
  }[kind];
  const place = port === usual ? host : `${host.includes(':') ? `[${host}]` : host}:${port ?? '*'}`;
  return `${name} ${place}`;
}

/** `10.96.0.10:53/udp`, `[fd00::a]:53/udp` */
export function addressText(port: DecodedServicePort): string {
  const own = port.frontends.find(({ kind }) => kind === 'cluster-ip');
  if (own === undefined) return '-';
  const host = own.address ?? 'any';
  return `${host.includes(':') ? `[${host}]` : host}:${own.port ?? '*'}/${port.protocol ?? 'any'}`;
}

/** All that is not as it is with most Services. */
export function serviceFacts(port: DecodedServicePort): readonly string[] {
  const clusterIp = port.frontends.find(({ kind }) => kind === 'cluster-ip');
  const others = port.frontends.filter((frontend) => frontend !== clusterIp);
  const { internalPolicy, externalPolicy, affinity, sourceRanges, healthCheckNodePort, masquerade } = port;
  return [
    ...others.map((frontend) => frontendText(frontend, clusterIp?.port)),
    ...(externalPolicy === 'Local' ? ['external policy Local'] : []),
    ...(internalPolicy === 'Local' ? ['internal policy Local'] : []),
    ...(affinity === undefined ? [] : [`affinity ${durationText(affinity.seconds)}`]),
    ...(sourceRanges === undefined ? [] : [`LB only from ${sourceRanges.cidrs.join(', ')}`]),
    ...(masquerade === undefined || masquerade.kind === 'except' ? [] : [masqueradeText(masquerade)]),
    ...(healthCheckNodePort === undefined ? [] : [`health check ${healthCheckNodePort.port}`]),
    ...refusalFacts(port),
    ...new Set(port.frontends.flatMap(conditionTexts)),
    ...serviceWarnings(port),
  ];
}

/** Any of its rules is enough. */
export function conditionTexts({ conditions }: DecodedFrontend): readonly string[] {
  return conditions.length === 0 ? [] : [`only if ${conditions.join(' or ')}`];
}

function refusalFacts({ frontends, cluster, local }: DecodedServicePort): readonly string[] {
  const isServed = (cluster?.count ?? 0) + (local?.count ?? 0) > 0;
  const texts = frontends.flatMap(({ refusal }) => {
    if (refusal?.reason === 'no-endpoints') {
      return [isServed ? `a ${refusal.verdict.toUpperCase()} says it has no endpoints` : 'no endpoints'];
    }
    const isTold = refusal?.reason === 'no-local-endpoints' || refusal?.reason === 'no-persistence';
    return isTold ? [refusalText(refusal)] : [];
  });
  return [...new Set(texts)];
}

const REASONS = {
  'no-endpoints': 'no endpoints',
  'no-local-endpoints': 'no local endpoints',
  'source-ranges': 'not from a source range',
  'no-persistence': 'all ports, without persistence',
} as const;

/** `REJECT (no endpoints)` */
export function refusalText({ verdict, reason }: DecodedRefusal): string {
  return `${verdict.toUpperCase()}${reason === undefined ? '' : ` (${REASONS[reason]})`}`;
}

/** What is wrong at first sight. From a part of a table nothing follows from what is not there. */
export function serviceWarnings(port: DecodedServicePort): readonly string[] {
  const { frontends, hashAgrees, endpoints, cluster, local, sourceRanges } = port;
  const whole = port.excerpt !== true;
  const noHairpin = endpoints.filter(({ hairpin }) => hairpin === false).length;
  const otherHash = endpoints.filter((endpoint) => endpoint.hashAgrees === false).length;
  const missing = frontends.flatMap(({ chain }) =>
    chain === undefined || isThere(chain, port) ? [] : [`${chain} is not in the dump`],
  );
  const otherProtocol = endpoints.filter((endpoint) => endpoint.otherProtocol !== undefined).length;
  const idle = endpoints.filter(({ weight }) => weight === 0).length;
  const shadowed = frontends.filter(({ shadowedBy }) => shadowedBy !== undefined).length;
  const lost = [cluster, local].some((choice) => choice !== undefined && choice.count > 0 && choice.lost !== undefined);
  return [
    ...(whole ? [...cutOffTexts(port), ...deadTexts(port)] : []),
    ...(otherProtocol > 0 ? [`${otherProtocol} with rules for another protocol only`] : []),
    ...(whole && frontends.length === 0 ? ['no address leads here'] : []),
    ...new Set(whole ? missing : []),
    ...(hashAgrees === false ? ['its chains are named after something else'] : []),
    ...(idle > 0 ? [`${idle} with weight 0, for old connections only`] : []),
    ...(port.ipvs?.withoutServer ?? []).map((name) => `no virtual server for ${name}`),
    ...(whole && lost ? ['some packets get no endpoint'] : []),
    ...(whole && noHairpin > 0 ? [`${noHairpin} without a hairpin rule`] : []),
    ...(otherHash > 0 ? [`${otherHash} with a chain named after another endpoint`] : []),
    ...(shadowed > 0 ? [`${shadowed} of its addresses taken by another Service`] : []),
    ...(whole && sourceRanges?.enforced === false ? ['other sources are not dropped'] : []),
  ];
}

/** Where the lists themselves are not reached, that is told once for all. */
function cutOffTexts({ frontends }: DecodedServicePort): readonly string[] {
  const cut = frontends.filter(({ cutOff }) => cutOff === 'list');
  return cut.map((frontend) => `no packet comes to the rules for ${frontendText(frontend, undefined)}`);
}

/** Addresses that lead to chains that give some packets no endpoint, though there are endpoints. */
function deadTexts({ frontends, cluster, local, affinity }: DecodedServicePort): readonly string[] {
  if ((cluster?.count ?? 0) + (local?.count ?? 0) === 0) return [];
  const sources = ['pod', 'node', 'outside'] as const;
  const what = affinity === undefined ? 'packets' : 'packets of new clients';
  const byWhom = new Map<string, string[]>();
  for (const frontend of frontends) {
    const dead = sources.filter((source) => isDead(frontend, source));
    if (frontend.chain === undefined || frontend.cutOff !== undefined || dead.length === 0) continue;
    const whom = dead.length === sources.length ? what : `${what} from ${dead.map((s) => FROM[s]).join(', ')}`;
    const known = byWhom.get(whom) ?? [];
    byWhom.set(whom, [...known, frontendText(frontend, undefined)]);
  }
  return [...byWhom].map(([whom, names]) => `${whom} for ${names.join(', ')} get no endpoint`);
}

const FROM = { pod: 'pods', node: 'the node', outside: 'outside' } as const;

/** What is refused for want of endpoints is told of as such. */
function isDead({ routes, refusal }: DecodedFrontend, source: keyof DecodedFrontend['routes']): boolean {
  if (routes[source] === 'none') return true;
  return routes[source] === 'drop' && refusal?.reason === 'source-ranges';
}

function isThere(chain: string, { chains, endpoints }: DecodedServicePort): boolean {
  return chains.some(({ name }) => name === chain) || endpoints.some((endpoint) => endpoint.chain === chain);
}

/** `3h`, `10m`, `90s` */
export function durationText(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

export function masqueradeText({ kind, conditions }: DecodedMasquerade): string {
  switch (kind) {
    case 'none':
      return 'not masqueraded';
    case 'all':
      return 'masqueraded';
    case 'except':
      return `masqueraded except ${conditions.join(', ')}`;
    case 'node':
      return 'masqueraded from the node';
    case 'some':
      return `masqueraded if ${conditions.join(' or ')}`;
  }
}
