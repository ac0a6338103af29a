import { virtualServerPurpose } from '../../core/compile/print-ipvs.ts';
import { hostCidrText } from '../../core/model/ip.ts';
import type { IpvsTimeouts } from '../../core/model/proxy-config.ts';
import type {
  CompiledIpSet,
  CompiledIpvs,
  CompiledVirtualServer,
  RequiredSysctl,
} from '../../core/ruleset/compiled-rules.ts';
import { elementText } from '../../core/ruleset/print-ip-set.ts';
import { ipvsEndpointText } from '../../core/ruleset/virtual-server.ts';

/** What `compile -o json` prints of the ipvs mode. Scripts rely on it: fields are added, never renamed. */
export interface IpvsData {
  readonly virtualServers: readonly VirtualServerData[];
  readonly sets: readonly IpSetData[];
  /** Of kube-ipvs0, with prefix. */
  readonly addresses: readonly string[];
  readonly timeouts: IpvsTimeouts;
  readonly excludeCIDRs: readonly string[];
  readonly sysctls: readonly RequiredSysctl[];
}

export interface VirtualServerData {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `10.96.0.1:80` */
  readonly address: string;
  readonly scheduler: string;
  readonly flags: readonly string[];
  /** Session affinity; left out where there is none. */
  readonly persistenceSeconds?: number;
  readonly realServers: readonly { readonly address: string; readonly weight: number }[];
  /** `namespace/name:port` */
  readonly service: string;
  readonly what: CompiledVirtualServer['what'];
  readonly purpose: string;
}

export interface IpSetData {
  readonly name: string;
  readonly type: string;
  readonly header: readonly string[];
  readonly members: readonly string[];
  readonly purpose: string;
}

export function ipvsData(ipvs: CompiledIpvs, sysctls: readonly RequiredSysctl[]): IpvsData {
  return {
    virtualServers: ipvs.virtualServers.flatMap(virtualServerData),
    sets: ipvs.sets.map(setData),
    addresses: ipvs.addresses.map(hostCidrText),
    timeouts: ipvs.timeouts,
    excludeCIDRs: ipvs.excludeCidrs.map(({ text }) => text),
    sysctls,
  };
}

/** Nothing is compiled to a firewall mark. */
function virtualServerData(server: CompiledVirtualServer): readonly VirtualServerData[] {
  const { address, scheduler, schedulerFlags, persistence, realServers, service, what } = server;
  if (address.kind === 'mark') return [];
  return [
    {
      protocol: address.protocol,
      address: ipvsEndpointText(address.ip, address.port),
      scheduler,
      flags: schedulerFlags,
      ...(persistence === undefined ? {} : { persistenceSeconds: persistence.seconds }),
      realServers: realServers.map(({ ip, port, weight }) => ({ address: ipvsEndpointText(ip, port), weight })),
      service,
      what,
      purpose: virtualServerPurpose(server),
    },
  ];
}

function setData(set: CompiledIpSet): IpSetData {
  const { name, type, header, entries, purpose } = set;
  return { name, type, header, members: entries.map((entry) => elementText(entry, set)), purpose };
}
