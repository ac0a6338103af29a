import type { Ip } from '../../../core/model/ip.ts';
import { given } from '../../../core/util/given.ts';
import type { Attribute, AttributeTree } from '../codec/attribute.ts';
import { NLA_F } from '../codec/netlink-header.ts';
import {
  findAttribute,
  readNestedAttribute,
  readTextAttribute,
  readU16Attribute,
  readU32Attribute,
  readU8Attribute,
} from '../codec/read-attribute.ts';
import {
  ipAttribute,
  nestedAttribute,
  netU16Attribute,
  netU32Attribute,
  textAttribute,
  u8Attribute,
} from '../codec/write-attribute.ts';
import { ipFromBytes } from '../codec/ip-bytes.ts';
import { IPSET_ADT, IPSET_ATTR_IPADDR, IPSET_CADT_FLAG, IPSET_DATA } from './constants.ts';

/** An entry of a set: the fields that its type has. */
export interface IpSetEntry {
  readonly ip?: Ip;
  /** Prefix length of `ip`, of types with net in the first place. */
  readonly prefix?: number;
  /** Of ICMP, type * 256 + code. */
  readonly port?: number;
  /** IANA's number, of types with a port but for bitmap:port. */
  readonly protocol?: number;
  /** The last place of a type with three. */
  readonly ip2?: Ip;
  readonly prefix2?: number;
  /** Seconds left; 0: for ever. */
  readonly timeout?: number;
  /** An exception from a wider entry, of types with net. */
  readonly noMatch?: boolean;
  readonly comment?: string;
}

/** What is in IPSET_ATTR_DATA of an entry. */
export function entryAttributes(entry: IpSetEntry): AttributeTree[] {
  const { ip, prefix, port, protocol, ip2, prefix2, timeout, noMatch, comment } = entry;
  const attributes: AttributeTree[] = [];
  if (ip !== undefined) attributes.push(addressAttribute(IPSET_DATA.IP, ip));
  if (prefix !== undefined) attributes.push(u8Attribute(IPSET_DATA.CIDR, prefix));
  if (port !== undefined) attributes.push(netU16Attribute(IPSET_DATA.PORT, port));
  if (protocol !== undefined) attributes.push(u8Attribute(IPSET_DATA.PROTO, protocol));
  if (ip2 !== undefined) attributes.push(addressAttribute(IPSET_ADT.IP2, ip2));
  if (prefix2 !== undefined) attributes.push(u8Attribute(IPSET_ADT.CIDR2, prefix2));
  if (timeout !== undefined) attributes.push(netU32Attribute(IPSET_DATA.TIMEOUT, timeout));
  if (noMatch === true) attributes.push(netU32Attribute(IPSET_DATA.CADT_FLAGS, IPSET_CADT_FLAG.NOMATCH));
  if (comment !== undefined) attributes.push(textAttribute(IPSET_ADT.COMMENT, comment));
  return attributes;
}

/** A nest with the address, whose bytes are marked as being in network order. */
function addressAttribute(type: number, ip: Ip): AttributeTree {
  return nestedAttribute(type, [{ ...ipAttribute(IPSET_ATTR_IPADDR[ip.family], ip), flags: NLA_F.NET_BYTEORDER }]);
}

/** Reads what is in IPSET_ATTR_DATA of an entry. Fields of types that chainsmith does not make (mac, iface, mark, name) are left out. */
export function readEntry(data: readonly Attribute[]): IpSetEntry {
  const ip = readAddress(data, IPSET_DATA.IP);
  const prefix = readU8Attribute(data, IPSET_DATA.CIDR);
  const port = readU16Attribute(data, IPSET_DATA.PORT);
  const protocol = readU8Attribute(data, IPSET_DATA.PROTO);
  const ip2 = readAddress(data, IPSET_ADT.IP2);
  const prefix2 = readU8Attribute(data, IPSET_ADT.CIDR2);
  const timeout = readU32Attribute(data, IPSET_DATA.TIMEOUT);
  const flags = readU32Attribute(data, IPSET_DATA.CADT_FLAGS) ?? 0;
  const comment = readTextAttribute(data, IPSET_ADT.COMMENT);
  const noMatch = (flags & IPSET_CADT_FLAG.NOMATCH) === 0 ? undefined : true;
  return given({ ip, prefix, port, protocol, ip2, prefix2, timeout, noMatch, comment });
}

function readAddress(data: readonly Attribute[], type: number): Ip | undefined {
  const nest = readNestedAttribute(data, type);
  if (nest === undefined) return undefined;
  const address = findAttribute(nest, IPSET_ATTR_IPADDR.ipv4) ?? findAttribute(nest, IPSET_ATTR_IPADDR.ipv6);
  return address === undefined ? undefined : ipFromBytes(address.value);
}

/** `10.0.0.1/32,6:80,10.0.0.2`, for messages. */
export function describeEntry({ ip, prefix, port, protocol, ip2, prefix2, noMatch }: IpSetEntry): string {
  const number = port === undefined ? undefined : `${protocol === undefined ? '' : `${nameOf(protocol)}:`}${port}`;
  const parts = [withPrefix(ip, prefix), number, withPrefix(ip2, prefix2)].filter((part) => part !== undefined);
  return `${parts.join(',')}${noMatch === true ? ' nomatch' : ''}`;
}

function withPrefix(ip: Ip | undefined, prefix: number | undefined): string | undefined {
  return ip === undefined || prefix === undefined ? ip?.text : `${ip.text}/${prefix}`;
}

/** As ipset(8) spells those that have ports. */
function nameOf(protocol: number): string {
  const names: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp', 136: 'udplite' };
  return names[protocol] ?? String(protocol);
}
