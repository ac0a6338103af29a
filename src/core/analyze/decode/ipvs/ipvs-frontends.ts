import { savedIpText } from '../../../model/ip.ts';
import { refusesAll } from '../../../ruleset/connection-port.ts';
import { kubeSetName } from '../../../ruleset/kube-ip-sets.ts';
import { serverShares } from '../../ipvs/server-shares.ts';
import type { DecodedFrontend, DecodedRefusal, FrontendRoute } from '../decoded-rules.ts';
import { linesOf, type IpvsReading } from './ipvs-context.ts';
import { isLocalPolicy, type IpvsDraft } from './ipvs-drafts.ts';
import { asConnected, isOnNode } from './ipvs-endpoints.ts';
import { ipvsMasquerade } from './ipvs-masquerade.ts';

export function ipvsFrontend(draft: IpvsDraft, reading: IpvsReading): DecodedFrontend {
  const { kind, ip, port, sets } = draft;
  const route = routeOf(draft, reading);
  return {
    kind,
    address: ip === undefined ? undefined : savedIpText(ip),
    port,
    chain: undefined,
    refusal: refusalOf(draft, reading, route),
    proxyPort: undefined,
    masquerade: ipvsMasquerade(draft, reading.family, reading.terrain),
    routes: { pod: route, node: route, outside: route },
    conditions: [],
    lines: linesOf(sets ?? [], reading),
    shadowedBy: undefined,
    cutOff: undefined,
    sets: sets?.map((set) => kubeSetName(set, reading.family)),
  };
}

/** With the policy Local and no endpoint on the node kube-proxy falls back to all endpoints. */
function routeOf(draft: IpvsDraft, reading: IpvsReading): FrontendRoute {
  const { servers, protocol } = draft;
  const [server] = servers;
  if (server === undefined) return reading.knowsServers ? 'none' : 'ipvs';
  if (serverShares(server).length === 0) return 'reject';
  if (!isLocalPolicy(draft)) return 'cluster';
  const isLocal = server.realServers.every(
    (real) => isOnNode(asConnected(real, server, draft.port), protocol, reading) === true,
  );
  return isLocal ? 'local' : 'cluster';
}

/** IPVS answers with an ICMP port unreachable by itself; no rule does. */
function refusalOf(
  { sets, servers: [server] }: IpvsDraft,
  reading: IpvsReading,
  route: FrontendRoute,
): DecodedRefusal | undefined {
  if (route === 'reject') {
    const reason = server !== undefined && refusesAll(server) ? 'no-persistence' : 'no-endpoints';
    return { verdict: 'reject', reason, lines: [] };
  }
  if (sets?.includes('LOAD-BALANCER-FW') !== true) return undefined;
  const lines = linesOf(['LOAD-BALANCER-FW'], reading, 'filter/KUBE-PROXY-FIREWALL');
  return lines.length === 0 ? undefined : { verdict: 'drop', reason: 'source-ranges', lines };
}
