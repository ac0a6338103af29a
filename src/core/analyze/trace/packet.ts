import type { IpFamily } from '../../model/ip.ts';
import type { Address, KnownAddress } from './address.ts';

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, dccp: 33, icmp6: 58, sctp: 132, udplite: 136 } as const;

/** xt_multiport.c */
const WITH_PORTS: ReadonlySet<number> = new Set([
  PROTOCOL.tcp,
  PROTOCOL.udp,
  PROTOCOL.dccp,
  PROTOCOL.sctp,
  PROTOCOL.udplite,
]);

export function hasPorts(protocol: number): boolean {
  return WITH_PORTS.has(protocol);
}

/** What conntrack says of a packet. */
export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** A packet to follow. All is concrete; what is left out has the default that is given here. */
export interface TracePacket {
  /** `node`: a process of the node itself sends it. `network`: it arrives by an interface. */
  readonly origin: 'network' | 'node';
  readonly source: Address;
  readonly destination: KnownAddress;
  /** IANA's number. */
  readonly protocol: number;
  /** For protocols with ports. Default: 50000, one that the kernel may give a client; rules that ask for it are told as an assumption. */
  readonly sourcePort?: number | undefined;
  /** For protocols with ports. Default: 0. */
  readonly destinationPort?: number | undefined;
  /** Of ICMP. Default: a ping, its answer in a reply. */
  readonly icmp?: { readonly type: number; readonly code: number } | undefined;
  /** As in the TCP header. Default: SYN of a new connection, SYN and ACK of its reply, ACK of what follows. */
  readonly tcpFlags?: number | undefined;
  /** Second or further fragment: it has no ports. conntrack puts fragments together, so that rules see none. Default: false. */
  readonly fragment?: boolean | undefined;
  /** The mark with which it comes. Default: 0. */
  readonly mark?: number | undefined;
  /** Undefined: not known. */
  readonly inInterface?: string | undefined;
  /** Where it leaves, if it does not stay on the node. Undefined: not known. */
  readonly outInterface?: string | undefined;
  /** Default: NEW. `ESTABLISHED` is a later packet of the same direction. */
  readonly state?: ConnectionState | undefined;
}

export const DEFAULT_SOURCE_PORT = 50_000;

/** Bits of the TCP header. */
export const TCP = { syn: 2, ack: 16 } as const;

/** The packet as it is at one moment; NAT changes it. */
export interface Header {
  readonly family: IpFamily;
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  /** Undefined for protocols without ports. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
  /** Undefined: not known, or no TCP. */
  readonly tcpFlags: number | undefined;
  readonly fragment: boolean;
}
