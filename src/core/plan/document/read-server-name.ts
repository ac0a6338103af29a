import { parseIp, type Ip } from '../../model/ip.ts';
import {
  realServerKey,
  virtualServerKey,
  type IpvsProtocol,
  type VirtualAddress,
} from '../../ruleset/virtual-server.ts';

const PROTOCOLS: readonly IpvsProtocol[] = ['tcp', 'udp', 'sctp'];

/** `tcp 10.96.0.1:80`, as `virtualServerKey` writes it; undefined for anything else, and for marks, which no plan names. */
export function readServerName(name: string): VirtualAddress | undefined {
  const blank = name.indexOf(' ');
  const protocol = PROTOCOLS.find((known) => known === name.slice(0, blank));
  const place = readPlace(name.slice(blank + 1));
  if (protocol === undefined || place === undefined) return undefined;
  const address: VirtualAddress = { kind: 'address', protocol, ...place };
  return virtualServerKey({ address }) === name ? address : undefined;
}

/** `10.244.0.7:8080`, as `realServerKey` writes it. */
export function readRealServerName(name: string): { readonly ip: Ip; readonly port: number } | undefined {
  const place = readPlace(name);
  return place !== undefined && realServerKey(place) === name ? place : undefined;
}

function readPlace(text: string): { readonly ip: Ip; readonly port: number } | undefined {
  const [, v6, v4, portText = ''] = /^(?:\[([^\]]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(text) ?? [];
  const ip = parseIp(v6 ?? v4 ?? '');
  const port = Number(portText);
  return ip === undefined || port > 65_535 ? undefined : { ip, port };
}
