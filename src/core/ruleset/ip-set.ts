import type { IpFamily } from '../model/ip.ts';
import type { IpNetwork, NumberRange } from './rule-values.ts';

/** An ipset with its members, as `ipset save` prints it. */
export interface IpSet {
  readonly name: string;
  /** `hash:ip,port`, `bitmap:port`, `list:set` ... */
  readonly type: string;
  readonly family: IpFamily;
  /** hash:ip with `netmask N`: so many bits of an address count. */
  readonly netmask: number | undefined;
  readonly entries: readonly IpSetEntry[];
}

export interface IpSetEntry {
  /** One for each part of the set's type. */
  readonly parts: readonly IpSetPart[];
  /** Not a member, though a wider entry would have it. */
  readonly nomatch: boolean;
}

export type IpSetPart =
  | { readonly kind: 'network'; readonly network: IpNetwork }
  /** First to last address. */
  | { readonly kind: 'addresses'; readonly first: bigint; readonly last: bigint }
  /** The protocol is undefined in a bitmap:port, which has none. */
  | { readonly kind: 'port'; readonly protocol: number | undefined; readonly ports: NumberRange }
  | { readonly kind: 'mark'; readonly value: number }
  /** Of a list:set. */
  | { readonly kind: 'set'; readonly name: string }
  /** An interface, a MAC address, or what cannot be read. */
  | { readonly kind: 'other'; readonly text: string };
