// Everything of the ipvs mode as a flat list of items, each with a key and a value: then planning, taking back and checking are one and the
// same comparison of two lists.
import type { Ip } from '../../model/ip.ts';
import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import { IPVS_LINK } from '../../ruleset/compiled-rules.ts';
import type { IpSet, IpSetEntry } from '../../ruleset/ip-set.ts';
import { elementText } from '../../ruleset/print-ip-set.ts';
import {
  realServerKey,
  virtualServerKey,
  type RealServer,
  type VirtualAddress,
  type VirtualServer,
} from '../../ruleset/virtual-server.ts';
import type { IpvsState } from './ipvs-state.ts';
import { comparableShape, type SetShape } from './set-shape.ts';

export type ServerSettings = Omit<VirtualServer, 'address' | 'realServers'>;
export type RealServerSettings = Omit<RealServer, 'ip' | 'port'>;

/** `name` tells it from others of its object, and set or server. */
export type IpvsItem =
  | { readonly object: 'timeouts'; readonly name: 'timeouts'; readonly value: IpvsTimeouts }
  | { readonly object: 'link'; readonly name: typeof IPVS_LINK }
  | { readonly object: 'address'; readonly name: string; readonly ip: Ip }
  | { readonly object: 'set'; readonly name: string; readonly value: SetShape }
  | MemberItem
  | ServerItem
  | RealServerItem;

export interface MemberItem {
  readonly object: 'member';
  /** As ipset prints it. */
  readonly name: string;
  readonly set: string;
  readonly entry: IpSetEntry;
}

export interface ServerItem {
  readonly object: 'virtual-server';
  /** `tcp 10.96.0.1:80` */
  readonly name: string;
  readonly address: VirtualAddress;
  readonly value: ServerSettings;
}

export interface RealServerItem {
  readonly object: 'real-server';
  /** `10.244.0.7:8080` */
  readonly name: string;
  readonly server: VirtualAddress;
  readonly ip: Ip;
  readonly port: number;
  readonly value: RealServerSettings;
}

export type IpvsObject = IpvsItem['object'];

/** The set or virtual server that an item belongs to, `` for others. */
export function ownerOf(item: IpvsItem): string {
  if (item.object === 'member') return item.set;
  return item.object === 'real-server' ? virtualServerKey({ address: item.server }) : '';
}

/** What no two items of a node share. */
export function itemKey(item: IpvsItem): string {
  return `${item.object} ${ownerOf(item)} ${item.name}`;
}

/** Equal for items of one key that need no change between them. */
export function valueText(item: IpvsItem): string {
  switch (item.object) {
    case 'link':
    case 'address':
    case 'member':
      return '';
    case 'timeouts': {
      const { tcp, tcpFin, udp } = item.value;
      return [tcp, tcpFin, udp].join(' ');
    }
    case 'set':
      return comparableShape(item.value);
    case 'virtual-server': {
      const { scheduler, schedulerFlags, persistence, persistenceEngine, onePacket } = item.value;
      const { seconds, prefix } = persistence ?? {};
      return JSON.stringify([scheduler, schedulerFlags, seconds, prefix, persistenceEngine, onePacket]);
    }
    case 'real-server': {
      const { forwarding, weight, tunnel } = item.value;
      return JSON.stringify([forwarding, weight, tunnel]);
    }
  }
}

/** All that a node has, by key. */
export function stateItems(state: IpvsState): ReadonlyMap<string, IpvsItem> {
  return byKey([
    ...(state.timeouts === undefined ? [] : [timeoutsItem(state.timeouts)]),
    ...(state.addresses === undefined ? [] : [LINK_ITEM, ...state.addresses.map(addressItem)]),
    ...state.sets.flatMap((set) => [setItem(set), ...memberItems(set)]),
    ...state.virtualServers.flatMap((server) => [serverItem(server), ...realServerItems(server)]),
  ]);
}

export function byKey(items: readonly IpvsItem[]): ReadonlyMap<string, IpvsItem> {
  return new Map(items.map((item) => [itemKey(item), item]));
}

export const LINK_ITEM: IpvsItem = { object: 'link', name: IPVS_LINK };

export function timeoutsItem(value: IpvsTimeouts): IpvsItem {
  return { object: 'timeouts', name: 'timeouts', value };
}

export function addressItem(ip: Ip): IpvsItem {
  return { object: 'address', name: ip.text, ip };
}

export function setItem({ name, type, family, header }: IpSet): IpvsItem {
  return { object: 'set', name, value: { type, family, header } };
}

export function memberItems(set: IpSet): readonly MemberItem[] {
  return set.entries.map((entry) => memberItem(set, entry));
}

export function memberItem(set: Pick<IpSet, 'name' | 'family'>, entry: IpSetEntry): MemberItem {
  const name = `${elementText(entry, set)}${entry.nomatch ? ' nomatch' : ''}`;
  return { object: 'member', name, set: set.name, entry };
}

export function serverItem(server: VirtualServer): ServerItem {
  const { address, scheduler, schedulerFlags, persistence, persistenceEngine, onePacket } = server;
  const value = { scheduler, schedulerFlags, persistence, persistenceEngine, onePacket };
  return { object: 'virtual-server', name: virtualServerKey(server), address, value };
}

export function realServerItems({ address, realServers }: VirtualServer): readonly RealServerItem[] {
  return realServers.map(({ ip, port, forwarding, weight, tunnel }) => ({
    object: 'real-server',
    name: realServerKey({ ip, port }),
    server: address,
    ip,
    port,
    value: { forwarding, weight, tunnel },
  }));
}
