import type { Ip, IpFamily } from '../../../core/model/ip.ts';
import type { Attribute, AttributeTree } from '../codec/attribute.ts';
import { readU32, writeU32 } from '../codec/byte-order.ts';
import { ADDRESS_FAMILY, ipFamilyOf } from '../codec/ip-bytes.ts';
import { MalformedNetlink } from '../codec/malformed.ts';
import {
  findAttribute,
  readIpAttribute,
  readTextAttribute,
  readU16Attribute,
  readU32Attribute,
  required,
} from '../codec/read-attribute.ts';
import {
  bytesAttribute,
  nestedAttribute,
  textAttribute,
  u16Attribute,
  u32Attribute,
} from '../codec/write-attribute.ts';
import { IP_VS_SVC_F, IPVS_CMD_ATTR, IPVS_SVC_ATTR } from './constants.ts';
import { unionBytes } from './address-union.ts';

/** How a service is found: by address and port, or by the mark that a firewall put on packets. */
export type IpvsServiceKey =
  | {
      readonly kind: 'address';
      /** IANA's number: 6, 17 or 132. */
      readonly protocol: number;
      readonly ip: Ip;
      readonly port: number;
    }
  | { readonly kind: 'mark'; readonly mark: number; readonly family: IpFamily };

/** A virtual service of IPVS, as the kernel has it. */
export interface IpvsService {
  readonly key: IpvsServiceKey;
  /** `rr`, `wrr`, `sh` ... */
  readonly scheduler: string;
  /** Seconds for which a client stays with its real server; undefined: it does not. */
  readonly persistence: number | undefined;
  /** Clients with these leading bits in common count as one; 32 or 128 for each by itself. Matters for persistence only. */
  readonly persistencePrefix: number;
  /** Each packet of UDP is scheduled by itself. */
  readonly onePacket: boolean;
  /** The scheduler's own flags: sh-fallback or mh-fallback, sh-port or mh-port, and a third that nobody uses. */
  readonly schedulerFlags: readonly [boolean, boolean, boolean];
  /** `sip`; undefined for none. */
  readonly persistenceEngine: string | undefined;
}

export function familyOfKey(key: IpvsServiceKey): IpFamily {
  return key.kind === 'mark' ? key.family : key.ip.family;
}

/** `tcp 10.96.0.1:443`, `mark 7 (ipv4)`, for messages. */
export function describeKey(key: IpvsServiceKey): string {
  if (key.kind === 'mark') return `mark ${key.mark} (${key.family})`;
  const { protocol, ip, port } = key;
  const name = PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`;
  return `${name} ${ip.family === 'ipv6' ? `[${ip.text}]` : ip.text}:${port}`;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** IPVS_CMD_ATTR_SERVICE with what names the service. */
export function keyAttribute(key: IpvsServiceKey): AttributeTree {
  return nestedAttribute(IPVS_CMD_ATTR.SERVICE, keyAttributes(key));
}

/** IPVS_CMD_ATTR_SERVICE with all of it. */
export function serviceAttribute(service: IpvsService): AttributeTree {
  const { key, scheduler, persistence, persistencePrefix, persistenceEngine } = service;
  return nestedAttribute(IPVS_CMD_ATTR.SERVICE, [
    ...keyAttributes(key),
    textAttribute(IPVS_SVC_ATTR.SCHED_NAME, scheduler),
    bytesAttribute(IPVS_SVC_ATTR.FLAGS, flagsStruct(service)),
    u32Attribute(IPVS_SVC_ATTR.TIMEOUT, persistence ?? 0),
    netmaskAttribute(familyOfKey(key), persistencePrefix),
    ...(persistenceEngine === undefined ? [] : [textAttribute(IPVS_SVC_ATTR.PE_NAME, persistenceEngine)]),
  ]);
}

function keyAttributes(key: IpvsServiceKey): readonly AttributeTree[] {
  const family = u16Attribute(IPVS_SVC_ATTR.AF, ADDRESS_FAMILY[familyOfKey(key)]);
  if (key.kind === 'mark') return [family, u32Attribute(IPVS_SVC_ATTR.FWMARK, key.mark)];
  return [
    family,
    u16Attribute(IPVS_SVC_ATTR.PROTOCOL, key.protocol),
    bytesAttribute(IPVS_SVC_ATTR.ADDR, unionBytes(key.ip)),
    u16Attribute(IPVS_SVC_ATTR.PORT, key.port, 'big'),
  ];
}

/** Which flags are meant: all. The kernel keeps its own, IP_VS_SVC_F_HASHED, whatever is said. */
const ALL_FLAGS = 0xffff_ffff;
const SCHEDULER_BITS = [IP_VS_SVC_F.SCHED1, IP_VS_SVC_F.SCHED2, IP_VS_SVC_F.SCHED3] as const;

/** struct ip_vs_flags { __u32 flags; __u32 mask; } */
function flagsStruct({ persistence, onePacket, schedulerFlags }: IpvsService): Uint8Array {
  let flags = (persistence === undefined ? 0 : IP_VS_SVC_F.PERSISTENT) | (onePacket ? IP_VS_SVC_F.ONEPACKET : 0);
  for (const [i, bit] of SCHEDULER_BITS.entries()) if (schedulerFlags[i] === true) flags |= bit;
  const bytes = new Uint8Array(8);
  writeU32(bytes, 0, flags);
  writeU32(bytes, 4, ALL_FLAGS);
  return bytes;
}

/** For IPv4 a mask in network order, for IPv6 a number of bits in the machine's (net/netfilter/ipvs/ip_vs_ctl.c). */
function netmaskAttribute(family: IpFamily, prefix: number): AttributeTree {
  if (family === 'ipv6') return u32Attribute(IPVS_SVC_ATTR.NETMASK, prefix);
  const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
  return u32Attribute(IPVS_SVC_ATTR.NETMASK, mask, 'big');
}

/** Reads what is in IPVS_CMD_ATTR_SERVICE. Throws MalformedNetlink. */
export function readService(attributes: readonly Attribute[]): IpvsService {
  const family = ipFamilyOf(required(readU16Attribute(attributes, IPVS_SVC_ATTR.AF), 'address family'));
  if (family === undefined) throw new MalformedNetlink('a virtual service has an unknown address family');
  const flags = readU32(findAttribute(attributes, IPVS_SVC_ATTR.FLAGS)?.value ?? new Uint8Array(4), 0);
  const timeout = readU32Attribute(attributes, IPVS_SVC_ATTR.TIMEOUT) ?? 0;
  return {
    key: readKey(attributes, family),
    scheduler: readTextAttribute(attributes, IPVS_SVC_ATTR.SCHED_NAME) ?? 'none',
    persistence: (flags & IP_VS_SVC_F.PERSISTENT) === 0 ? undefined : timeout,
    persistencePrefix: readPrefix(attributes, family),
    onePacket: (flags & IP_VS_SVC_F.ONEPACKET) !== 0,
    schedulerFlags: [
      (flags & IP_VS_SVC_F.SCHED1) !== 0,
      (flags & IP_VS_SVC_F.SCHED2) !== 0,
      (flags & IP_VS_SVC_F.SCHED3) !== 0,
    ],
    persistenceEngine: readTextAttribute(attributes, IPVS_SVC_ATTR.PE_NAME),
  };
}

function readKey(attributes: readonly Attribute[], family: IpFamily): IpvsServiceKey {
  const mark = readU32Attribute(attributes, IPVS_SVC_ATTR.FWMARK);
  if (mark !== undefined) return { kind: 'mark', mark, family };
  return {
    kind: 'address',
    protocol: required(readU16Attribute(attributes, IPVS_SVC_ATTR.PROTOCOL), 'protocol'),
    ip: required(readIpAttribute(attributes, IPVS_SVC_ATTR.ADDR, family), 'address'),
    port: required(readU16Attribute(attributes, IPVS_SVC_ATTR.PORT, 'big'), 'port'),
  };
}

function readPrefix(attributes: readonly Attribute[], family: IpFamily): number {
  const order = family === 'ipv4' ? 'big' : undefined;
  const netmask = readU32Attribute(attributes, IPVS_SVC_ATTR.NETMASK, order);
  if (family === 'ipv6') return netmask ?? 128;
  return 32 - trailingZeros(netmask ?? 0xffff_ffff);
}

function trailingZeros(mask: number): number {
  return mask === 0 ? 32 : 31 - Math.clz32(mask & -mask);
}
