import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import type { CompiledIpSet, CompiledIpvs, CompiledVirtualServer } from '../../ruleset/compiled-rules.ts';
import { ipvsEndpointText } from '../../ruleset/virtual-server.ts';
import {
  addressItem,
  itemKey,
  LINK_ITEM,
  memberItems,
  realServerItems,
  serverItem,
  setItem,
  timeoutsItem,
  type IpvsItem,
} from './ipvs-item.ts';

export interface WantedItem {
  readonly item: IpvsItem;
  readonly service: string | undefined;
}

/** What a node needs, by key. `current` are its timeouts: those that are not configured stay. */
export function wantedItems(
  compiled: readonly CompiledIpvs[],
  current: IpvsTimeouts | undefined,
): ReadonlyMap<string, WantedItem> {
  const wanted = new Map<string, WantedItem>();
  const want = (item: IpvsItem, service?: string): void => void wanted.set(itemKey(item), { item, service });
  const timeouts = wantedTimeouts(compiled, current);
  if (timeouts !== undefined) want(timeoutsItem(timeouts));
  if (compiled.length > 0) want(LINK_ITEM);
  for (const { virtualServers, sets, addresses } of compiled) {
    const services = serviceIndex(virtualServers);
    for (const ip of addresses) want(addressItem(ip), services.get(ip.text));
    for (const set of sets) {
      want(setItem(set));
      for (const member of memberItems(set)) want(member, services.get(placeOfMember(member.name, set)));
    }
    for (const server of virtualServers) {
      want(serverItem(server), server.service);
      for (const item of realServerItems(server)) want(item, server.service);
    }
  }
  return wanted;
}

function wantedTimeouts(
  compiled: readonly CompiledIpvs[],
  current: IpvsTimeouts | undefined,
): IpvsTimeouts | undefined {
  const { tcp, tcpFin, udp } = compiled[0]?.timeouts ?? { tcp: 0, tcpFin: 0, udp: 0 };
  if (current === undefined || tcp + tcpFin + udp === 0) return undefined;
  return { tcp: tcp || current.tcp, tcpFin: tcpFin || current.tcpFin, udp: udp || current.udp };
}

/** Service ports by `10.96.0.1`, `tcp 10.96.0.1:80`, `tcp 10.244.0.7:8080` of endpoints and `tcp 30080` of nodePorts. */
function serviceIndex(servers: readonly CompiledVirtualServer[]): ReadonlyMap<string, string> {
  const services = new Map<string, string>();
  const add = (place: string, service: string): void => {
    if (!services.has(place)) services.set(place, service);
  };
  for (const { address, realServers, service, what } of servers) {
    if (address.kind !== 'address') continue;
    const { protocol, ip, port } = address;
    if (what === 'nodePort') add(`${protocol} ${port}`, service);
    else add(ip.text, service);
    add(`${protocol} ${ipvsEndpointText(ip, port)}`, service);
    for (const real of realServers) add(`${protocol} ${ipvsEndpointText(real.ip, real.port)}`, service);
  }
  return services;
}

/** What the index above has for a member of one of kube-proxy's sets: `10.96.0.1,tcp:80`, `30080`. */
function placeOfMember(name: string, set: CompiledIpSet): string {
  const [, ip, protocol, port] = /^([^,]+),(\w+):(\d+)(?:,|$)/.exec(name) ?? [];
  if (ip !== undefined) return `${protocol} ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  const bits = /^KUBE-(?:6-)?NODE-PORT-(?:LOCAL-)?(TCP|UDP)$/.exec(set.name)?.[1];
  return bits === undefined ? name : `${bits.toLowerCase()} ${name}`;
}
