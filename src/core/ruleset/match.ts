import type {
  Negatable,
  NamesMatch,
  NetworkMatch,
  NumberMatch,
  NumberRange,
  PortMatch,
  ProtocolMatch,
  TextMatch,
} from './rule-values.ts';

/** One `-m NAME` with its options. Fields that are undefined were not given, and match everything. */
export type Match =
  | TcpMatch
  | UdpMatch
  | SctpMatch
  | MultiportMatch
  | CommentMatch
  | MarkMatch
  | ConntrackMatch
  | AddrtypeMatch
  | StatisticRandomMatch
  | StatisticNthMatch
  | RecentMatch
  | SetMatch
  | PhysdevMatch
  | NfacctMatch
  | IpvsMatch
  | IcmpMatch
  | LimitMatch
  | OpaqueMatch;

interface Ports {
  readonly sourcePorts: PortMatch | undefined;
  readonly destinationPorts: PortMatch | undefined;
}

export interface TcpMatch extends Ports {
  readonly kind: 'tcp';
  /** Of the flags in `mask`, exactly those in `set` must be set. Bits as in the TCP header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  readonly flags: (Negatable & { readonly mask: number; readonly set: number }) | undefined;
  /** The number of a TCP option that must be there. */
  readonly option: NumberMatch | undefined;
}

export interface UdpMatch extends Ports {
  readonly kind: 'udp';
}

export interface SctpMatch extends Ports {
  readonly kind: 'sctp';
  /** `any DATA:Be,INIT` */
  readonly chunks: TextMatch | undefined;
}

export interface MultiportMatch extends Negatable {
  readonly kind: 'multiport';
  readonly of: 'source' | 'destination' | 'either';
  /** At most 15, a range counts as two. */
  readonly ports: readonly NumberRange[];
}

export interface CommentMatch {
  readonly kind: 'comment';
  /** Unquoted; at most 255 bytes. */
  readonly text: string;
}

/** The packet's mark, or that of its connection: `(mark & mask) == value`. Both are unsigned 32-bit numbers. */
export interface MarkMatch extends Negatable {
  readonly kind: 'mark' | 'connmark';
  readonly value: number;
  readonly mask: number;
}

/** `state` is the older way to write `conntrack --ctstate`; the kernel remembers which was written. */
export interface ConntrackMatch {
  readonly kind: 'conntrack';
  readonly spelling: 'conntrack' | 'state';
  readonly states: NamesMatch | undefined;
  readonly protocol: ProtocolMatch | undefined;
  readonly originalSource: NetworkMatch | undefined;
  readonly originalDestination: NetworkMatch | undefined;
  readonly replySource: NetworkMatch | undefined;
  readonly replyDestination: NetworkMatch | undefined;
  readonly originalSourcePorts: PortMatch | undefined;
  readonly originalDestinationPorts: PortMatch | undefined;
  readonly replySourcePorts: PortMatch | undefined;
  readonly replyDestinationPorts: PortMatch | undefined;
  readonly status: NamesMatch | undefined;
  /** Seconds. */
  readonly expires: PortMatch | undefined;
  readonly direction: 'ORIGINAL' | 'REPLY' | undefined;
}

export interface AddrtypeMatch {
  readonly kind: 'addrtype';
  readonly source: NamesMatch | undefined;
  readonly destination: NamesMatch | undefined;
  /** LOCAL means an address of this packet's interface then, not of the host. */
  readonly limitInterface: 'in' | 'out' | undefined;
}

/** Matches where 31 random bits, as a number, are below the threshold. */
export interface StatisticRandomMatch extends Negatable {
  readonly kind: 'statistic-random';
  /** 0 to 2^31, which is always. */
  readonly threshold: number;
}

/** Matches one packet out of `every`, the one with the number `packet` (from 0). */
export interface StatisticNthMatch extends Negatable {
  readonly kind: 'statistic-nth';
  readonly every: number;
  readonly packet: number;
}

export interface RecentMatch extends Negatable {
  readonly kind: 'recent';
  readonly action: 'set' | 'rcheck' | 'update' | 'remove';
  readonly seconds: number | undefined;
  /** Forget entries older than `seconds`. */
  readonly reap: boolean;
  readonly hitcount: number | undefined;
  readonly rttl: boolean;
  readonly name: string;
  /** `255.255.255.255`: the bits of the address that count. */
  readonly mask: string;
  readonly side: 'source' | 'destination';
}

export interface SetMatch extends Negatable {
  readonly kind: 'set';
  readonly name: string;
  readonly directions: readonly ('src' | 'dst')[];
  readonly returnNomatch: boolean;
  readonly keepCounters: boolean;
  readonly keepSubcounters: boolean;
  readonly packets: SetCounter | undefined;
  readonly bytes: SetCounter | undefined;
}

/** What the counter of the set's entry must be. */
export interface SetCounter {
  readonly compare: 'eq' | 'ne' | 'lt' | 'gt';
  /** 64 bits. */
  readonly value: bigint;
}

export interface PhysdevMatch {
  readonly kind: 'physdev';
  readonly isIn: Negatable | undefined;
  readonly inInterface: TextMatch | undefined;
  readonly isOut: Negatable | undefined;
  readonly outInterface: TextMatch | undefined;
  readonly isBridged: Negatable | undefined;
}

export interface NfacctMatch {
  readonly kind: 'nfacct';
  readonly name: string;
}

export interface IpvsMatch {
  readonly kind: 'ipvs';
  readonly ipvs: Negatable | undefined;
  readonly protocol: ProtocolMatch | undefined;
  /** Its text has the bits behind the mask as well. */
  readonly address: NetworkMatch | undefined;
  readonly port: NumberMatch | undefined;
  readonly direction: TextMatch | undefined;
  readonly method: TextMatch | undefined;
  readonly controlPort: NumberMatch | undefined;
}

export interface IcmpMatch extends Negatable {
  readonly kind: 'icmp' | 'icmp6';
  /** Undefined: any. */
  readonly type: number | undefined;
  /** 0 to 255 is any. */
  readonly codes: NumberRange;
}

export interface LimitMatch {
  readonly kind: 'limit';
  /** Ten-thousandths of a second per packet, as the kernel keeps the rate. */
  readonly period: number;
  /** 5 if not given. */
  readonly burst: number;
}

/** A match that is not known, or cannot be read: kept as it was written. */
export interface OpaqueMatch {
  readonly kind: 'opaque';
  /** The name behind `-m`. */
  readonly name: string;
  /** Its options and their values, quoted as they were. */
  readonly words: readonly string[];
}
