import type { Endpoint } from '../../services/endpoint.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import { ipvsEndpointText, realServerKey, virtualServerKey, type VirtualServer } from '../../ruleset/virtual-server.ts';
import { endpointsOf } from '../verify/ipvs/ipvs-specification.ts';
import type { Found } from './finding.ts';
import type { IpvsView } from './ipvs-view.ts';
import { draftText } from './ipvs-words.ts';
import type { LintContext } from './lint-context.ts';
import { listed } from './places.ts';

/** Virtual servers of Services that lack endpoints of the snapshot. Those that are not there at all are virtual-server-missing's. */
export function absentRealServers(context: LintContext): readonly Found[] {
  return context.ipvs.flatMap((view): readonly Found[] => {
    const { ipvs, family, dump, serverPlace } = view;
    if (ipvs === undefined || dump === undefined) return [];
    const servers = serversByName(view);
    return (context.serviceTable(family)?.servicePorts ?? []).flatMap((entry): readonly Found[] => {
      const lacking = wantedServers(entry).flatMap(({ name, endpoints }) => {
        const server = servers.get(name);
        const absent = server === undefined ? [] : absentIn(server, endpoints);
        return absent.length === 0 ? [] : [{ name, absent, all: endpoints.length }];
      });
      const [first] = lacking;
      if (first === undefined) return [];
      const { name, absent, all } = first;
      const more = lacking.length > 1 ? `, and ${lacking.length - 1} more of its virtual servers` : '';
      const message = `${entry.name}: ${name} does not lead to ${listed(absent, 5)} (${absent.length} of ${all} endpoints)${more}`;
      return [{ message, place: serverPlace, service: entry.name }];
    });
  });
}

/** By what `wantedServers` calls them. All virtual servers of a node port have the same real servers; any of them is enough. */
function serversByName({ drafts }: IpvsView): ReadonlyMap<string, VirtualServer> {
  return new Map(
    drafts.flatMap(({ kind, port, protocol, servers }) =>
      servers.map((server) => {
        const isNodePort = kind === 'node-port';
        return [isNodePort ? nodePortName(port ?? 0, protocol ?? '') : virtualServerKey(server), server] as const;
      }),
    ),
  );
}

function nodePortName(port: number, protocol: string): string {
  return draftText({ kind: 'node-port', keys: [], port, protocol });
}

interface WantedServer {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

function wantedServers(port: ServicePortEntry): readonly WantedServer[] {
  const protocol = port.protocol.toLowerCase();
  const inside = endpointsOf({ kind: 'clusterIP', port });
  const outside = endpointsOf({ kind: 'nodePort', port });
  const nodePort = port.nodePort === 0 ? [] : [{ name: nodePortName(port.nodePort, protocol), endpoints: outside }];
  const keyOf = (ip: ServicePortEntry['clusterIp']): string => `${protocol} ${ipvsEndpointText(ip, port.port)}`;
  return [
    { name: keyOf(port.clusterIp), endpoints: inside },
    ...[...port.externalIps, ...port.loadBalancerIps].map((ip) => ({ name: keyOf(ip), endpoints: outside })),
    ...nodePort,
  ];
}

function absentIn({ realServers }: VirtualServer, endpoints: readonly Endpoint[]): readonly string[] {
  const present = new Set(realServers.map(realServerKey));
  return endpoints.map(({ ip, port }) => ipvsEndpointText(ip, port)).filter((text) => !present.has(text));
}
