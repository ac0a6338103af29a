import type { IpFamily } from '../model/ip.ts';

/** A range of ports, or of any other numbers; both ends belong to it. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** An option that can stand behind `!`. */
export interface Negatable {
  readonly negated: boolean;
}

/** `! --dport 80:90` */
export interface PortMatch extends NumberRange, Negatable {}

/** A number that an option compares with. */
export interface NumberMatch extends Negatable {
  readonly value: number;
}

/** A name that an option compares with: an interface, a direction ... */
export interface TextMatch extends Negatable {
  readonly value: string;
}

/** A list of names that an option compares with, in the kernel's order: states, types of addresses. */
export interface NamesMatch extends Negatable {
  readonly values: readonly string[];
}

/** Addresses that share the bits of a mask. */
export interface IpNetwork {
  readonly family: IpFamily;
  /** The address, host bits cleared. */
  readonly base: bigint;
  /** The bits that count. */
  readonly mask: bigint;
  /** 0-32 or 0-128; undefined where the mask has holes (255.0.255.0), which only people write. */
  readonly prefix: number | undefined;
  /** As iptables-save prints it: `10.0.0.0/8`, `fd00::1/128`, `10.0.12.0/255.0.255.0`. */
  readonly text: string;
}

/** `-s` and `-d`. */
export interface NetworkMatch extends Negatable {
  readonly network: IpNetwork;
}

/** A protocol; 0 is all of them. */
export interface ProtocolMatch extends Negatable {
  /** IANA's number, 0-255. */
  readonly number: number;
}

/** Where DNAT and SNAT send: an address or a range, a port or a range, or both. */
export interface NatRange {
  /** The first and the last address as iptables-save prints them, without brackets. Undefined: the address stays. */
  readonly addresses: { readonly family: IpFamily; readonly first: string; readonly last: string } | undefined;
  /** Undefined: the port stays, as far as it can. */
  readonly ports: NumberRange | undefined;
  /** The port that the first of `ports` stands for (`--to-destination :1000-2000/5000`, since Linux 4.19); DNAT only. */
  readonly basePort: number | undefined;
}
