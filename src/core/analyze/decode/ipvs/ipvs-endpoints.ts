import { savedIpText } from '../../../model/ip.ts';
import { connectionPort } from '../../../ruleset/connection-port.ts';
import {
  realServerKey,
  virtualServerKey,
  type RealServer,
  type VirtualServer,
} from '../../../ruleset/virtual-server.ts';
import { sortedBy } from '../../../util/order.ts';
import { serverShares } from '../../ipvs/server-shares.ts';
import { CERTAIN, partOf } from '../chance.ts';
import type { DecodedEndpoint, EndpointChoice } from '../decoded-rules.ts';
import { shareOf, type Share } from '../share.ts';
import { linesOf, type IpvsReading } from './ipvs-context.ts';
import type { IpvsDraft } from './ipvs-drafts.ts';

export interface DecodedServers {
  readonly endpoints: readonly DecodedEndpoint[];
  readonly choice: EndpointChoice;
}

/** The real servers of a virtual server. Those on this node are in KUBE-LOOP-BACK, so that they can reach themselves. */
export function decodeServers(
  server: VirtualServer,
  asked: Pick<IpvsDraft, 'protocol' | 'port'> | undefined,
  reading: IpvsReading,
): DecodedServers {
  const shares = new Map(serverShares(server).map((share) => [share.server, share]));
  const endpoints = server.realServers.map((real): DecodedEndpoint => {
    const found = shares.get(real);
    const chance = found === undefined ? undefined : partOf(CERTAIN, found.part, found.whole);
    const share = chance === undefined ? undefined : shareOf(chance, shares.size);
    return endpointOf(asConnected(real, server, asked?.port), share, asked?.protocol, server, reading);
  });
  return {
    endpoints: sortedBy(endpoints, ({ text }) => text),
    choice: { chain: virtualServerKey(server), count: shares.size, lost: undefined },
  };
}

/** Those of the policies Cluster and Local; both were read with their shares in `cluster`. */
export function mergeEndpoints(
  cluster: readonly DecodedEndpoint[],
  local: readonly DecodedEndpoint[],
): readonly DecodedEndpoint[] {
  const merged = new Map(cluster.map((endpoint) => [endpoint.text, endpoint]));
  for (const endpoint of local) {
    const known = merged.get(endpoint.text) ?? { ...endpoint, cluster: undefined };
    merged.set(endpoint.text, { ...known, local: endpoint.cluster });
  }
  return sortedBy(merged.values(), ({ text }) => text);
}

function endpointOf(
  real: RealServer,
  cluster: Share | undefined,
  protocol: string | undefined,
  { persistence }: VirtualServer,
  reading: IpvsReading,
): DecodedEndpoint {
  const isLocal = isOnNode(real, protocol, reading);
  const hairpinLines = isLocal === true ? linesOf(['LOOP-BACK'], reading, 'nat/KUBE-POSTROUTING') : [];
  return {
    text: `${real.ip.family === 'ipv6' ? `[${real.ip.text}]` : real.ip.text}:${real.port}`,
    address: savedIpText(real.ip),
    port: real.port,
    knownBy: 'ipvs',
    chain: undefined,
    hashAgrees: undefined,
    otherProtocol: undefined,
    cluster,
    local: undefined,
    isLocal,
    hairpin: isLocal === true ? hairpinLines.length > 0 : undefined,
    remembers: persistence !== undefined,
    weight: real.weight,
    lines: hairpinLines,
  };
}

/** With the port that connections to this one have there; by a mark they come to any. */
export function asConnected(real: RealServer, server: VirtualServer, asked: number | undefined): RealServer {
  return asked === undefined ? real : { ...real, port: connectionPort(server, real, asked) };
}

/** Undefined where nobody has said who is in KUBE-LOOP-BACK. */
export function isOnNode(
  real: RealServer,
  protocol: string | undefined,
  { members }: Pick<IpvsReading, 'members'>,
): boolean | undefined {
  if (members?.isThere('LOOP-BACK') !== true || protocol === undefined) return undefined;
  return members.hasFrontend('LOOP-BACK', `${protocol} ${realServerKey(real)}`);
}
