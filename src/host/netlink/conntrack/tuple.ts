import type { Ip, IpFamily } from '../../../core/model/ip.ts';
import type { Attribute, AttributeTree } from '../codec/attribute.ts';
import {
  findAttribute,
  readIpAttribute,
  readNestedAttribute,
  readU16Attribute,
  readU8Attribute,
  required,
} from '../codec/read-attribute.ts';
import { ipAttribute, nestedAttribute, u16Attribute, u8Attribute } from '../codec/write-attribute.ts';
import { CTA_IP, CTA_PROTO, CTA_PROTO_ICMP, CTA_TUPLE, ICMP } from './constants.ts';

/** One direction of a connection, as its packets look. */
export interface ConntrackTuple {
  readonly source: Ip;
  readonly destination: Ip;
  readonly transport: ConntrackTransport;
  /** A zone of this direction alone; most have none. */
  readonly zone: number | undefined;
}

/** `protocol` is IANA's number. */
export type ConntrackTransport =
  /** TCP, UDP, SCTP, DCCP, UDP-Lite, and GRE, whose keys stand here. */
  | {
      readonly kind: 'ports';
      readonly protocol: number;
      readonly sourcePort: number;
      readonly destinationPort: number;
    }
  | {
      readonly kind: 'icmp';
      readonly protocol: number;
      readonly id: number;
      readonly type: number;
      readonly code: number;
    }
  /** What the kernel tracks by addresses alone. */
  | { readonly kind: 'other'; readonly protocol: number };

/** `udp 10.0.0.1:5353 -> 10.96.0.10:53`, for messages. */
export function describeTuple({ source, destination, transport }: ConntrackTuple): string {
  const { protocol } = transport;
  const name = { 6: 'tcp', 17: 'udp', 132: 'sctp' }[protocol] ?? `protocol ${protocol}`;
  if (transport.kind === 'ports') {
    return `${name} ${place(source, transport.sourcePort)} -> ${place(destination, transport.destinationPort)}`;
  }
  const id = transport.kind === 'icmp' ? ` id ${transport.id}` : '';
  return `${name} ${source.text} -> ${destination.text}${id}`;
}

function place(ip: Ip, port: number): string {
  return `${ip.family === 'ipv6' ? `[${ip.text}]` : ip.text}:${port}`;
}

/** @param type CTA_TUPLE_ORIG or CTA_TUPLE_REPLY */
export function tupleAttribute(type: number, tuple: ConntrackTuple): AttributeTree {
  const { source, destination, transport, zone } = tuple;
  const types = CTA_IP[source.family];
  return nestedAttribute(type, [
    nestedAttribute(CTA_TUPLE.IP, [ipAttribute(types.source, source), ipAttribute(types.destination, destination)]),
    nestedAttribute(CTA_TUPLE.PROTO, transportAttributes(transport)),
    ...(zone === undefined ? [] : [u16Attribute(CTA_TUPLE.ZONE, zone, 'big')]),
  ]);
}

function transportAttributes(transport: ConntrackTransport): readonly AttributeTree[] {
  const number = u8Attribute(CTA_PROTO.NUM, transport.protocol);
  switch (transport.kind) {
    case 'ports':
      return [
        number,
        u16Attribute(CTA_PROTO.SRC_PORT, transport.sourcePort, 'big'),
        u16Attribute(CTA_PROTO.DST_PORT, transport.destinationPort, 'big'),
      ];
    case 'icmp': {
      const types = CTA_PROTO_ICMP[transport.protocol === ICMP.ipv6 ? 'ipv6' : 'ipv4'];
      return [
        number,
        u16Attribute(types.id, transport.id, 'big'),
        u8Attribute(types.type, transport.type),
        u8Attribute(types.code, transport.code),
      ];
    }
    case 'other':
      return [number];
  }
}

/** Reads what is in CTA_TUPLE_ORIG or CTA_TUPLE_REPLY. Throws MalformedNetlink. */
export function readTuple(attributes: readonly Attribute[]): ConntrackTuple {
  const addresses = required(readNestedAttribute(attributes, CTA_TUPLE.IP), 'addresses');
  const family: IpFamily = findAttribute(addresses, CTA_IP.ipv4.source) === undefined ? 'ipv6' : 'ipv4';
  const types = CTA_IP[family];
  return {
    source: required(readIpAttribute(addresses, types.source, family), 'source address'),
    destination: required(readIpAttribute(addresses, types.destination, family), 'destination address'),
    transport: readTransport(required(readNestedAttribute(attributes, CTA_TUPLE.PROTO), 'protocol')),
    zone: readU16Attribute(attributes, CTA_TUPLE.ZONE, 'big'),
  };
}

function readTransport(attributes: readonly Attribute[]): ConntrackTransport {
  const protocol = required(readU8Attribute(attributes, CTA_PROTO.NUM), 'number of the protocol');
  const sourcePort = readU16Attribute(attributes, CTA_PROTO.SRC_PORT, 'big');
  const destinationPort = readU16Attribute(attributes, CTA_PROTO.DST_PORT, 'big');
  if (sourcePort !== undefined && destinationPort !== undefined) {
    return { kind: 'ports', protocol, sourcePort, destinationPort };
  }
  const types = CTA_PROTO_ICMP[protocol === ICMP.ipv6 ? 'ipv6' : 'ipv4'];
  const id = readU16Attribute(attributes, types.id, 'big');
  if (id === undefined) return { kind: 'other', protocol };
  const type = readU8Attribute(attributes, types.type) ?? 0;
  return { kind: 'icmp', protocol, id, type, code: readU8Attribute(attributes, types.code) ?? 0 };
}
