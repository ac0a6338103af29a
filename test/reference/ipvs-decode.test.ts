// What kube-proxy v1.36.2 programmed in ipvs mode for 39 snapshots decodes to the Services of the snapshot: each address with its real
// servers, shares, policy, masquerading and ranges; and what is told as one service port is of one.
import assert from 'node:assert/strict';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import type { DecodedFrontend, DecodedServicePort } from '../../src/core/analyze/decode/decoded-rules.ts';
import { savedCidrText, savedIpText } from '../../src/core/model/ip.ts';
import type { ProxySettings } from '../../src/core/services/proxy-settings.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { readIpvsCase, type IpvsFamily } from '../support/ipvs-case.ts';
import { ipvsCases } from '../support/ipvs-reference.ts';

interface FrontendView {
  readonly protocol: string;
  readonly kind: string;
  readonly place: string;
  /** `10.244.0.1:80 1/3 here` */
  readonly endpoints: readonly string[];
  readonly masquerade: string;
  readonly route: string;
  readonly refusal: string | undefined;
  readonly affinity: number | undefined;
  readonly scheduler: string | undefined;
}

const everything = (views: readonly FrontendView[]): readonly FrontendView[] =>
  views.toSorted((a, b) => (`${a.kind} ${a.place} ${a.protocol}` < `${b.kind} ${b.place} ${b.protocol}` ? -1 : 1));

function foundViews(port: DecodedServicePort): readonly FrontendView[] {
  return port.frontends.map((frontend) => foundView(frontend, port));
}

function foundView(frontend: DecodedFrontend, port: DecodedServicePort): FrontendView {
  const { kind, masquerade, routes, refusal } = frontend;
  assert.ok(routes.pod === routes.node && routes.node === routes.outside);
  const policy = routes.outside === 'local' ? 'local' : 'cluster';
  const endpoints = port.endpoints.flatMap((endpoint) => {
    const share = endpoint[policy];
    if (share === undefined) return [];
    assert.equal(endpoint.hairpin, endpoint.isLocal === true ? true : undefined);
    return [`${endpoint.text} 1/${share.oneOf ?? 0}${endpoint.isLocal === true ? ' here' : ''}`];
  });
  return {
    protocol: port.protocol ?? '',
    kind,
    place: placeOf(frontend),
    endpoints: routes.outside === 'reject' ? [] : endpoints.toSorted(),
    masquerade: [masquerade.kind, ...masquerade.conditions].join(' '),
    route: routes.outside,
    refusal: refusal === undefined ? undefined : `${refusal.verdict} ${refusal.reason ?? ''}`,
    affinity: port.affinity?.seconds,
    scheduler: port.ipvs?.scheduler,
  };
}

function placeOf({ kind, address, port }: DecodedFrontend): string {
  return kind === 'node-port' ? `node ${port ?? ''}` : `${address ?? ''} ${port ?? ''}`;
}

function expectedViews(port: ServicePortEntry, settings: ProxySettings): readonly FrontendView[] {
  const isThere = (texts: readonly string[]): ReadonlySet<string> => new Set(texts);
  const [external, balanced] = [port.externalIps, port.loadBalancerIps].map((ips) => isThere(ips.map(savedIpText)));
  const kinds = (text: string): string =>
    external?.has(text) !== true ? 'load-balancer-ip' : balanced?.has(text) === true ? 'external' : 'external-ip';
  const addresses = [...new Set([...port.externalIps, ...port.loadBalancerIps].map(savedIpText))];
  return [
    expectedView(port, settings, { kind: 'cluster-ip', place: `${savedIpText(port.clusterIp)} ${port.port}` }),
    ...addresses.map((text) => expectedView(port, settings, { kind: kinds(text), place: `${text} ${port.port}` })),
    ...(port.nodePort === 0
      ? []
      : [expectedView(port, settings, { kind: 'node-port', place: `node ${port.nodePort}` })]),
  ];
}

function expectedView(
  port: ServicePortEntry,
  settings: ProxySettings,
  { kind, place }: Pick<FrontendView, 'kind' | 'place'>,
): FrontendView {
  const isInternal = kind === 'cluster-ip';
  const isLocal = isInternal ? port.internalPolicyLocal : port.externalPolicyLocal;
  const isHere = isLocal && port.localEndpoints.length > 0;
  const endpoints = isHere ? port.localEndpoints : port.clusterEndpoints;
  const own = new Set(port.endpointsOnNode.map(({ text }) => text));
  const isGuarded = kind === 'load-balancer-ip' && port.sourceRanges.length > 0;
  return {
    protocol: port.protocol.toLowerCase(),
    kind,
    place,
    endpoints: endpoints.map(({ text }) => `${text} 1/${endpoints.length}${own.has(text) ? ' here' : ''}`).toSorted(),
    masquerade: isInternal ? internalMasquerade(settings) : port.externalPolicyLocal ? 'none' : 'all',
    // No set says that a cluster IP has the policy Local.
    route: endpoints.length === 0 ? 'reject' : isHere && !isInternal ? 'local' : 'cluster',
    refusal: endpoints.length === 0 ? 'reject no-endpoints' : isGuarded ? 'drop source-ranges' : undefined,
    affinity: port.affinitySeconds,
    scheduler: 'rr',
  };
}

function internalMasquerade({ masqueradeAll, localDetector }: ProxySettings): string {
  if (masqueradeAll) return 'all';
  if (localDetector.kind === 'none') return 'node';
  return `except ${localDetector.kind === 'source' ? `-s ${savedCidrText(localDetector.cidr)}` : `-i ${localDetector.name}`}`;
}

/** Of the port that has the frontend. */
function ownerOf(
  frontend: DecodedFrontend,
  { protocol }: DecodedServicePort,
  ports: readonly ServicePortEntry[],
): string {
  const place = placeOf(frontend);
  const owner = ports.find(
    (port) =>
      port.protocol.toLowerCase() === protocol &&
      (place === `node ${port.nodePort}` ||
        [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps].some(
          (ip) => place === `${savedIpText(ip)} ${port.port}`,
        )),
  );
  return owner?.name ?? `nobody: ${place}`;
}

function checkFamily({ ruleset, sets, ipvs, settings, ports }: IpvsFamily): number {
  const decoded = decode(ruleset, { sets, ipvs });
  assert.deepEqual(
    everything(decoded.servicePorts.flatMap(foundViews)),
    everything(ports.flatMap((port) => expectedViews(port, settings))),
  );
  for (const port of decoded.servicePorts) {
    const owners = new Set(port.frontends.map((frontend) => ownerOf(frontend, port, ports)));
    assert.equal(owners.size, 1, `${port.name} mixes ${[...owners].join(' and ')}`);
    assert.deepEqual(port.ipvs?.withoutServer, []);
    for (const frontend of port.frontends) assert.ok(frontend.lines.length > 0, `${port.name} has no lines`);
    const owner = ports.find(({ name }) => owners.has(name));
    const guarded = port.frontends.some(({ kind }) => kind === 'load-balancer-ip') && owner?.sourceRanges.length !== 0;
    const ranges = guarded ? [...new Set(owner?.sourceRanges.map(savedCidrText))].map(bare).toSorted() : undefined;
    assert.deepEqual(port.sourceRanges?.cidrs, ranges);
    assert.notEqual(port.sourceRanges?.enforced, false);
    if (port.externalPolicy !== undefined) assert.equal(port.externalPolicy === 'Local', owner?.externalPolicyLocal);
  }
  assert.deepEqual(
    [decoded.notDecoded, decoded.unreached, decoded.programs, decoded.ipvsMissing],
    [[], [], [], undefined],
  );
  assert.equal(decoded.writer.mode, 'ipvs');
  assert.deepEqual(decoded.writer.leftoverModes, []);
  const checks = decoded.ipvsSets.find(({ name }) => name.endsWith('HEALTH-CHECK-NODE-PORT'))?.members ?? [];
  const wanted = ports.map((port) => port.healthCheckNodePort).filter((port) => port !== 0);
  assert.deepEqual(checks, [...new Set(wanted)].map(String).toSorted());
  return decoded.servicePorts.filter(({ frontends }) => frontends.length > 1).length;
}

/** As ipset prints a network of one address. */
function bare(cidr: string): string {
  return cidr.replace(/\/(?:32|128)$/, '');
}

describe('what kube-proxy v1.36.2 programmed in ipvs mode decodes to its snapshot', () => {
  let joined = 0;

  it('in 39 cases', () => assert.ok(ipvsCases.length >= 39));

  for (const name of ipvsCases) {
    it(name, () => {
      for (const family of readIpvsCase(name)) joined += checkFamily(family);
    });
  }

  it('puts the addresses of Services together', () => assert.ok(joined > 10, `only ${joined}`));
});
