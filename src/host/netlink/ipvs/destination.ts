import type { Ip, IpFamily } from '../../../core/model/ip.ts';
import type { Attribute, AttributeTree } from '../codec/attribute.ts';
import { ADDRESS_FAMILY, ipFamilyOf } from '../codec/ip-bytes.ts';
import { MalformedNetlink } from '../codec/malformed.ts';
import {
  readIpAttribute,
  readU16Attribute,
  readU32Attribute,
  readU8Attribute,
  required,
} from '../codec/read-attribute.ts';
import { bytesAttribute, nestedAttribute, u16Attribute, u32Attribute, u8Attribute } from '../codec/write-attribute.ts';
import { unionBytes } from './address-union.ts';
import { IP_VS_CONN_F, IP_VS_CONN_F_FWD_MASK, IPVS_CMD_ATTR, IPVS_DEST_ATTR } from './constants.ts';

export type IpvsForwarding = keyof typeof IP_VS_CONN_F;

/** Which of a service's destinations is meant. */
export interface IpvsDestinationKey {
  readonly ip: Ip;
  readonly port: number;
}

/** A real server of a service, as the kernel has it. */
export interface IpvsDestination extends IpvsDestinationKey {
  readonly forwarding: IpvsForwarding;
  /** 0: it gets no new connections, and keeps those that it has. */
  readonly weight: number;
  /** Connections at which it gets no more, and below which it gets some again; 0 for no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** Of forwarding by tunnel; undefined for plain IPIP. */
  readonly tunnel: IpvsTunnel | undefined;
}

export interface IpvsTunnel {
  /** IP_VS_CONN_F_TUNNEL_TYPE_*: 0 IPIP, 1 GUE, 2 GRE. */
  readonly type: number;
  /** Of GUE. */
  readonly port: number;
  /** IP_VS_TUNNEL_ENCAP_FLAG_* */
  readonly flags: number;
}

/** What the kernel counts for it. */
export interface IpvsDestinationState extends IpvsDestination {
  /** Connections that are open, that are closed and remembered, and clients that stay with it. */
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
}

/** `10.244.0.7:8080`, for messages. */
export function describeDestination({ ip, port }: IpvsDestinationKey): string {
  return `${ip.family === 'ipv6' ? `[${ip.text}]` : ip.text}:${port}`;
}

/** IPVS_CMD_ATTR_DEST with what names the destination. */
export function destinationKeyAttribute(key: IpvsDestinationKey): AttributeTree {
  return nestedAttribute(IPVS_CMD_ATTR.DEST, keyAttributes(key));
}

/** IPVS_CMD_ATTR_DEST with all of it. */
export function destinationAttribute(destination: IpvsDestination): AttributeTree {
  const { forwarding, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  return nestedAttribute(IPVS_CMD_ATTR.DEST, [
    ...keyAttributes(destination),
    u32Attribute(IPVS_DEST_ATTR.FWD_METHOD, IP_VS_CONN_F[forwarding]),
    u32Attribute(IPVS_DEST_ATTR.WEIGHT, weight),
    u32Attribute(IPVS_DEST_ATTR.U_THRESH, upperThreshold),
    u32Attribute(IPVS_DEST_ATTR.L_THRESH, lowerThreshold),
    ...(tunnel === undefined ? [] : tunnelAttributes(tunnel)),
  ]);
}

/** The family of the address: Linux 3.18 and newer, where it may be another than the service's (for tunnels). */
function keyAttributes({ ip, port }: IpvsDestinationKey): readonly AttributeTree[] {
  return [
    u16Attribute(IPVS_DEST_ATTR.ADDR_FAMILY, ADDRESS_FAMILY[ip.family]),
    bytesAttribute(IPVS_DEST_ATTR.ADDR, unionBytes(ip)),
    u16Attribute(IPVS_DEST_ATTR.PORT, port, 'big'),
  ];
}

function tunnelAttributes({ type, port, flags }: IpvsTunnel): readonly AttributeTree[] {
  return [
    u8Attribute(IPVS_DEST_ATTR.TUN_TYPE, type),
    u16Attribute(IPVS_DEST_ATTR.TUN_PORT, port, 'big'),
    u16Attribute(IPVS_DEST_ATTR.TUN_FLAGS, flags),
  ];
}

/**
 * Reads what is in IPVS_CMD_ATTR_DEST. Throws MalformedNetlink.
 *
 * @param serviceFamily of the service, which a kernel before 3.18 takes for granted
 */
export function readDestination(attributes: readonly Attribute[], serviceFamily: IpFamily): IpvsDestinationState {
  const addressFamily = readU16Attribute(attributes, IPVS_DEST_ATTR.ADDR_FAMILY);
  const family = addressFamily === undefined ? serviceFamily : ipFamilyOf(addressFamily);
  if (family === undefined) throw new MalformedNetlink(`a real server has the address family ${addressFamily}`);
  const number = (type: number): number => readU32Attribute(attributes, type) ?? 0;
  return {
    ip: required(readIpAttribute(attributes, IPVS_DEST_ATTR.ADDR, family), 'address'),
    port: required(readU16Attribute(attributes, IPVS_DEST_ATTR.PORT, 'big'), 'port'),
    forwarding: forwardingOf(number(IPVS_DEST_ATTR.FWD_METHOD)),
    weight: number(IPVS_DEST_ATTR.WEIGHT),
    upperThreshold: number(IPVS_DEST_ATTR.U_THRESH),
    lowerThreshold: number(IPVS_DEST_ATTR.L_THRESH),
    tunnel: readTunnel(attributes),
    activeConnections: number(IPVS_DEST_ATTR.ACTIVE_CONNS),
    inactiveConnections: number(IPVS_DEST_ATTR.INACT_CONNS),
    persistentConnections: number(IPVS_DEST_ATTR.PERSIST_CONNS),
  };
}

function forwardingOf(flags: number): IpvsForwarding {
  const method = flags & IP_VS_CONN_F_FWD_MASK;
  for (const forwarding of FORWARDINGS) if (IP_VS_CONN_F[forwarding] === method) return forwarding;
  throw new MalformedNetlink(`a real server has the forwarding method ${method}`);
}

const FORWARDINGS: readonly IpvsForwarding[] = ['masquerade', 'local', 'tunnel', 'direct', 'bypass'];

/** All three 0, as the kernel sends for every destination since 5.2, is plain IPIP. */
function readTunnel(attributes: readonly Attribute[]): IpvsTunnel | undefined {
  const tunnel = {
    type: readU8Attribute(attributes, IPVS_DEST_ATTR.TUN_TYPE) ?? 0,
    port: readU16Attribute(attributes, IPVS_DEST_ATTR.TUN_PORT, 'big') ?? 0,
    flags: readU16Attribute(attributes, IPVS_DEST_ATTR.TUN_FLAGS) ?? 0,
  };
  return tunnel.type === 0 && tunnel.port === 0 && tunnel.flags === 0 ? undefined : tunnel;
}
