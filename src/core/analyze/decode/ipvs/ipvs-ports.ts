import type { IpFamily } from '../../../model/ip.ts';
import type { IpSet } from '../../../ruleset/ip-set.ts';
import { elementText } from '../../../ruleset/print-ip-set.ts';
import type { Ruleset } from '../../../ruleset/ruleset.ts';
import { virtualServerKey, type IpvsTable, type VirtualServer } from '../../../ruleset/virtual-server.ts';
import { KubeMembers } from '../../ipvs/kube-members.ts';
import type { DecodedServicePort, DecodedSourceRanges, TrafficPolicy } from '../decoded-rules.ts';
import { unique } from '../unique.ts';
import type { Terrain } from '../walk-chain.ts';
import { linesOf, setUsers, type IpvsReading } from './ipvs-context.ts';
import { ipvsDrafts, isLocalPolicy, type IpvsDraft } from './ipvs-drafts.ts';
import { decodeServers, mergeEndpoints, type DecodedServers } from './ipvs-endpoints.ts';
import { ipvsFrontend } from './ipvs-frontends.ts';
import { joinDrafts } from './join-drafts.ts';

/** What was given besides rules. */
export interface IpvsGiven {
  readonly ipvs: IpvsTable | undefined;
  readonly sets: ReadonlyMap<string, IpSet> | undefined;
}

/** The service ports of the IPVS mode, as far as virtual servers and sets were given. */
export function ipvsPorts(
  ruleset: Ruleset,
  terrain: Terrain,
  { ipvs, sets }: IpvsGiven,
): readonly DecodedServicePort[] {
  if (ipvs === undefined && sets === undefined) return [];
  const { family } = ruleset;
  const members = sets === undefined ? undefined : new KubeMembers(sets, family);
  const reading: IpvsReading = { family, terrain, members, knowsServers: ipvs !== undefined, users: setUsers(ruleset) };
  return joinDrafts(ipvsDrafts(family, ipvs, members)).map((group) => portOf(group, reading));
}

function portOf(drafts: readonly IpvsDraft[], reading: IpvsReading): DecodedServicePort {
  const [first] = drafts;
  const protocol = first?.protocol;
  const server = drafts.flatMap(({ servers }) => servers)[0];
  const outside = drafts.filter(({ kind }) => kind !== 'cluster-ip' && kind !== 'virtual-server');
  const frontends = drafts.map((draft) => ipvsFrontend(draft, reading));
  const serverOf = (isLocal: boolean): VirtualServer | undefined =>
    drafts.find((_, i) => (frontends[i]?.routes.outside === 'local') === isLocal)?.servers[0];
  const read = (one: VirtualServer | undefined): DecodedServers | undefined =>
    one === undefined ? undefined : decodeServers(one, first, reading);
  const [cluster, local] = [read(serverOf(false)), read(serverOf(true))];
  return {
    name: first === undefined ? '' : nameOf(first, reading.family),
    namespace: undefined,
    serviceName: undefined,
    portName: undefined,
    namedBy: 'address',
    hashAgrees: undefined,
    protocol,
    frontends,
    // No set tells it.
    internalPolicy: undefined,
    externalPolicy: externalPolicyOf(outside),
    affinity: server?.persistence === undefined ? undefined : { seconds: server.persistence.seconds, lines: [] },
    sourceRanges: sourceRangesOf(drafts, reading),
    masquerade: frontends.find(({ kind }) => kind === 'cluster-ip')?.masquerade,
    healthCheckNodePort: undefined,
    endpoints: mergeEndpoints(cluster?.endpoints ?? [], local?.endpoints ?? []),
    cluster: cluster?.choice,
    local: local?.choice,
    chains: [],
    ipvs: {
      scheduler: server?.scheduler,
      schedulerFlags: server?.schedulerFlags ?? [],
      virtualServers: unique(drafts.flatMap(({ servers }) => servers.map(virtualServerKey))),
      withoutServer: reading.knowsServers
        ? drafts.filter(({ servers }) => servers.length === 0).map((d) => nameOf(d, reading.family))
        : [],
    },
  };
}

/** `10.96.0.1:443/tcp`, `node port 30080/tcp`, `mark 7 ipv4` */
function nameOf({ kind, ip, port, protocol, keys }: IpvsDraft, family: IpFamily): string {
  if (kind === 'node-port') return `node port ${port ?? ''}/${protocol ?? ''}`;
  if (ip === undefined) return keys[0] ?? '';
  return `${family === 'ipv6' ? `[${ip.text}]` : ip.text}:${port ?? ''}/${protocol ?? ''}`;
}

function externalPolicyOf(drafts: readonly IpvsDraft[]): TrafficPolicy | undefined {
  if (drafts.every(({ sets }) => sets === undefined)) return undefined;
  if (drafts.length === 0) return undefined;
  return drafts.some(isLocalPolicy) ? 'Local' : 'Cluster';
}

function sourceRangesOf(drafts: readonly IpvsDraft[], reading: IpvsReading): DecodedSourceRanges | undefined {
  const { members } = reading;
  const guarded = drafts.filter(({ sets }) => sets?.includes('LOAD-BALANCER-FW') === true);
  if (members === undefined || guarded.length === 0) return undefined;
  const keys = new Set(guarded.flatMap(({ keys: own }) => own));
  const cidrs = members.frontends('LOAD-BALANCER-SOURCE-CIDR').flatMap(({ key, source }) => {
    if (!keys.has(key) || source === undefined) return [];
    return [elementText({ parts: [source] }, { family: reading.family })];
  });
  const sets = ['LOAD-BALANCER-FW', 'LOAD-BALANCER-SOURCE-CIDR', 'LOAD-BALANCER-SOURCE-IP'] as const;
  return {
    cidrs: unique(cidrs).toSorted(),
    enforced: linesOf(['LOAD-BALANCER-FW'], reading, 'filter/KUBE-PROXY-FIREWALL').length > 0,
    lines: linesOf(sets, reading),
  };
}
