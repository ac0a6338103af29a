import type { AttributeTree } from '../codec/attribute.ts';
import { ADDRESS_FAMILY } from '../codec/ip-bytes.ts';
import { netfilterHeader, netfilterType, NFNL_SUBSYS } from '../netfilter-header.ts';
import type { NetlinkRequest, NetlinkSocket } from '../request.ts';
import { textAttribute, u8Attribute } from '../codec/write-attribute.ts';
import { IPSET_ATTR, IPSET_MAXNAMELEN } from './constants.ts';
import { ipSetErrnoWords } from './errors.ts';

/** A netfilter socket, and the version of ipset's protocol that both sides speak. */
export interface IpSets {
  readonly socket: NetlinkSocket;
  readonly protocol: number;
}

export interface IpSetRequest {
  readonly operation: string;
  readonly command: number;
  readonly flags?: number;
  readonly attributes?: readonly AttributeTree[];
  /** Of the set, if it is known: it gives some errors their names. */
  readonly type?: string;
}

export function ipSetRequest(protocol: number, request: IpSetRequest): NetlinkRequest {
  const { operation, command, flags = 0, attributes = [], type } = request;
  return {
    operation,
    type: netfilterType(NFNL_SUBSYS.IPSET, command),
    flags,
    // The family of the header means nothing to ipset; ipset(8) sends this one too.
    header: netfilterHeader(ADDRESS_FAMILY.ipv4),
    attributes: [u8Attribute(IPSET_ATTR.PROTOCOL, protocol), ...attributes],
    errnoWords: (errno) => ipSetErrnoWords(errno, type),
  };
}

/** Throws RangeError for a name that no set can have: the kernel would take a part of it. */
export function nameAttribute(type: number, name: string): AttributeTree {
  const attribute = textAttribute(type, name);
  if (name === '' || name.includes('\0') || attribute.value.length > IPSET_MAXNAMELEN) {
    throw new RangeError(`${JSON.stringify(name)} is no name of a set: it has 1 to ${IPSET_MAXNAMELEN - 1} bytes`);
  }
  return attribute;
}
