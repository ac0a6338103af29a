/**
 * What decode must find in the rules of a table of Services, and what it found, in one form. As far as rules do not show something (policies
 * of what has no endpoints, for one), it is left out of both.
 */
import type {
  DecodedEndpoint,
  DecodedFrontend,
  DecodedServicePort,
  FrontendRoute,
  SourceClass,
} from '../../src/core/analyze/decode/decoded-rules.ts';
import { exactShare, type Share } from '../../src/core/analyze/decode/share.ts';
import { savedCidrText, savedIpText, type Ip } from '../../src/core/model/ip.ts';
import type { Endpoint } from '../../src/core/services/endpoint.ts';
import type { ProxySettings } from '../../src/core/services/proxy-settings.ts';
import { isExternallyAccessible, type ServicePortEntry } from '../../src/core/services/service-port.ts';

interface EndpointView {
  readonly text: string;
  /** 1/n, for n. */
  readonly share: number | undefined;
}

interface FrontendView {
  readonly kind: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly refusal: string | undefined;
  readonly masquerade: string;
  readonly routes: Readonly<Record<SourceClass, FrontendRoute>>;
}

export interface PortView {
  readonly name: string;
  readonly protocol: string | undefined;
  readonly frontends: readonly FrontendView[];
  readonly internalPolicy: string | undefined;
  readonly externalPolicy: string | undefined;
  readonly affinity: number | undefined;
  readonly sourceRanges: readonly string[];
  readonly healthCheckNodePort: number;
  readonly cluster: readonly EndpointView[];
  readonly local: readonly EndpointView[];
  /** Those on this node, where a policy Local is at work. */
  readonly here: readonly string[] | undefined;
}

const KINDS = ['cluster-ip', 'external-ip', 'load-balancer-ip', 'external', 'node-port'];

function sorted(frontends: readonly FrontendView[]): readonly FrontendView[] {
  const key = ({ kind, address, port }: FrontendView): string => `${KINDS.indexOf(kind)} ${address} ${port}`;
  return frontends.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function expectedView(port: ServicePortEntry, settings: ProxySettings): PortView {
  const { clusterEndpoints, localEndpoints, hasEndpoints, internalPolicyLocal, externalPolicyLocal } = port;
  const isExternal = isExternallyAccessible(port);
  const firewalled = hasEndpoints && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0;
  const views = (endpoints: readonly Endpoint[]): readonly EndpointView[] =>
    endpoints.map(({ text }) => ({ text, share: endpoints.length }));
  const seesLocal = hasEndpoints && (internalPolicyLocal || (externalPolicyLocal && isExternal));
  const own = new Set(port.loadBalancerIps.map((ip) => savedIpText(ip)));
  return {
    name: port.name,
    protocol: port.protocol.toLowerCase(),
    frontends: sorted(expectedFrontends(port, settings, firewalled)),
    internalPolicy: hasEndpoints ? (internalPolicyLocal ? 'Local' : 'Cluster') : undefined,
    externalPolicy: hasEndpoints && isExternal ? (externalPolicyLocal ? 'Local' : 'Cluster') : undefined,
    affinity: clusterEndpoints.length + localEndpoints.length > 0 ? port.affinitySeconds : undefined,
    sourceRanges: firewalled
      ? [...new Set(port.sourceRanges.map(savedCidrText))].filter(
          (range) => !own.has(range.replace(/\/(?:32|128)$/, '')),
        )
      : [],
    healthCheckNodePort: port.healthCheckNodePort,
    cluster: views(clusterEndpoints),
    local: views(localEndpoints),
    here: seesLocal ? localEndpoints.map(({ text }) => text).sort() : undefined,
  };
}

function expectedFrontends(
  port: ServicePortEntry,
  settings: ProxySettings,
  firewalled: boolean,
): readonly FrontendView[] {
  const { hasEndpoints } = port;
  const view = (kind: string, ip: Ip | undefined, number: number): FrontendView => ({
    kind,
    address: ip === undefined ? undefined : savedIpText(ip),
    port: number,
    ...(kind === 'cluster-ip'
      ? internalPart(port, settings)
      : externalPart(port, settings, firewalled && kind === 'load-balancer-ip')),
  });
  const [externalIp, loadBalancerIp] = hasEndpoints ? ['external-ip', 'load-balancer-ip'] : ['external', 'external'];
  return [
    view('cluster-ip', port.clusterIp, port.port),
    ...port.externalIps.map((ip) => view(externalIp ?? '', ip, port.port)),
    ...port.loadBalancerIps.map((ip) => view(loadBalancerIp ?? '', ip, port.port)),
    ...(port.nodePort === 0 ? [] : [onNodePorts(view('node-port', undefined, port.nodePort), settings)]),
  ];
}

/** Where no address of the node is for node ports, nothing leads to them in nat. */
function onNodePorts(view: FrontendView, { nodePortAddresses }: ProxySettings): FrontendView {
  if (nodePortAddresses.kind === 'all-local' || nodePortAddresses.ips.length > 0) return view;
  const [verdict] = view.refusal?.split(' ') ?? [];
  return { ...view, routes: everywhere(verdict === 'reject' || verdict === 'drop' ? verdict : 'none') };
}

type FrontendPart = Pick<FrontendView, 'refusal' | 'masquerade' | 'routes'>;

const everywhere = (route: FrontendRoute): FrontendView['routes'] => ({ pod: route, node: route, outside: route });

function internalPart(port: ServicePortEntry, settings: ProxySettings): FrontendPart {
  if (!port.hasEndpoints) return { refusal: 'reject no-endpoints', masquerade: 'none', routes: everywhere('reject') };
  if (port.internalPolicyLocal && port.localEndpoints.length === 0) {
    return { refusal: 'drop no-local-endpoints', masquerade: 'none', routes: everywhere('drop') };
  }
  const routes = everywhere(port.internalPolicyLocal ? 'local' : 'cluster');
  return { refusal: undefined, masquerade: internalMasquerade(settings), routes };
}

function internalMasquerade({ masqueradeAll, localDetector }: ProxySettings): string {
  if (masqueradeAll) return 'all';
  if (localDetector.kind === 'none') return 'none';
  return `except ${localDetector.kind === 'source' ? `-s ${savedCidrText(localDetector.cidr)}` : `-i ${localDetector.name}`}`;
}

function externalPart(port: ServicePortEntry, settings: ProxySettings, firewalled: boolean): FrontendPart {
  if (!port.hasEndpoints) return { refusal: 'reject no-endpoints', masquerade: 'none', routes: everywhere('reject') };
  const outside = firewalled ? 'drop source-ranges' : undefined;
  if (!port.externalPolicyLocal) return { refusal: outside, masquerade: 'all', routes: everywhere('cluster') };
  const isHere = port.localEndpoints.length > 0;
  const elsewhere: FrontendRoute = isHere ? 'local' : 'drop';
  const pod = settings.localDetector.kind === 'none' ? elsewhere : 'cluster';
  return {
    refusal: isHere ? outside : 'drop no-local-endpoints',
    masquerade: 'node',
    routes: { pod, node: 'cluster', outside: elsewhere },
  };
}

export function foundView(port: DecodedServicePort): PortView {
  const chosen = (policy: 'cluster' | 'local'): readonly EndpointView[] =>
    port.endpoints.flatMap((endpoint) => {
      const share = endpoint[policy];
      return share === undefined
        ? []
        : [{ text: endpoint.text, share: share.precision === 'kernel' ? share.oneOf : 0 }];
    });
  const knowsLocal = port.endpoints.some(({ isLocal }) => isLocal !== undefined);
  const seesLocal = port.internalPolicy === 'Local' || port.externalPolicy === 'Local';
  return {
    name: port.name,
    protocol: port.protocol,
    frontends: sorted(port.frontends.map(frontendView)),
    internalPolicy: port.internalPolicy,
    externalPolicy: port.externalPolicy,
    affinity: port.affinity?.seconds,
    sourceRanges: port.sourceRanges?.cidrs ?? [],
    healthCheckNodePort: port.healthCheckNodePort?.port ?? 0,
    cluster: chosen('cluster'),
    local: chosen('local'),
    here:
      knowsLocal || seesLocal
        ? port.endpoints.flatMap(({ isLocal, text }) => (isLocal === true ? [text] : [])).sort()
        : undefined,
  };
}

function frontendView(frontend: DecodedFrontend): FrontendView {
  const { kind, address, port, refusal, masquerade, routes } = frontend;
  return {
    kind,
    address,
    port,
    refusal: refusal === undefined ? undefined : `${refusal.verdict} ${refusal.reason}`,
    masquerade: [masquerade.kind, ...masquerade.conditions].join(' '),
    routes,
  };
}

/** What is wrong whatever the table says; empty if nothing is. */
export function decodingFaults(port: DecodedServicePort): readonly string[] {
  const faults: string[] = [];
  const fault = (text: string): void => void faults.push(`${port.name}: ${text}`);
  if (port.namedBy !== 'comment') fault(`it is named by ${port.namedBy}`);
  if (port.hashAgrees === false) fault('the hash is that of another name');
  if (port.sourceRanges?.enforced === false) fault('source ranges are not enforced');
  for (const frontend of port.frontends) {
    if (frontend.conditions.length > 0) fault(`conditions: ${frontend.conditions.join(', ')}`);
    if (frontend.shadowedBy !== undefined) fault(`shadowed by line ${frontend.shadowedBy}`);
    if (frontend.lines.length === 0) fault('a frontend without lines');
  }
  for (const choice of [port.cluster, port.local]) {
    if (choice !== undefined && choice.count > 0 && choice.lost !== undefined) fault('some packets are lost');
  }
  for (const endpoint of port.endpoints)
    for (const text of endpointFaults(endpoint, port)) fault(`${endpoint.text}: ${text}`);
  for (const policy of ['cluster', 'local'] as const) {
    const shares = port.endpoints.flatMap((endpoint) => endpoint[policy] ?? []);
    if (shares.length > 0 && !addUpToOne(shares)) fault(`the shares of the policy ${policy} do not add up to 1`);
  }
  return faults;
}

function endpointFaults(endpoint: DecodedEndpoint, port: DecodedServicePort): readonly string[] {
  return [
    ...(endpoint.knownBy === 'dnat' ? [] : [`known by ${endpoint.knownBy}`]),
    ...(endpoint.hairpin === true ? [] : ['no hairpin rule']),
    ...(endpoint.hashAgrees === true ? [] : ['its hash is another one']),
    ...(endpoint.remembers === (port.affinity !== undefined) ? [] : ['remembers']),
    ...(endpoint.lines.length >= 3 ? [] : ['too few lines']),
  ];
}

function addUpToOne(shares: readonly Share[]): boolean {
  let [numerator, denominator] = [0n, 1n];
  for (const share of shares) {
    const exact = exactShare(share);
    if (exact === undefined) return false;
    numerator = numerator * exact.denominator + exact.numerator * denominator;
    denominator *= exact.denominator;
    // Denominators are powers of two: without this they would grow with the square of their number.
    while (numerator % 2n === 0n && denominator % 2n === 0n)
      [numerator, denominator] = [numerator / 2n, denominator / 2n];
  }
  return numerator === denominator;
}
