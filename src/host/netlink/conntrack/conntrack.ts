// The connection tracking table: listed, and entries removed one by one.
import { constants } from 'node:os';
import type { IpFamily } from '../../../core/model/ip.ts';
import { decodeAttributes, type AttributeTree } from '../codec/attribute.ts';
import { ADDRESS_FAMILY } from '../codec/ip-bytes.ts';
import type { Message } from '../codec/message.ts';
import { readNestedAttribute, readU16Attribute, readU32Attribute, required } from '../codec/read-attribute.ts';
import { nestedAttribute, u16Attribute, u32Attribute, u8Attribute } from '../codec/write-attribute.ts';
import { NETFILTER_HEADER, netfilterHeader, netfilterType, NFNL_SUBSYS } from '../netfilter-header.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { NetlinkRequest, NetlinkSocket } from '../request.ts';
import { CTA, CTA_FILTER, CTA_FILTER_F_PROTO_NUM, CTA_PROTO, CTA_TUPLE, IPCTNL_MSG_CT, IPS } from './constants.ts';
import { describeTuple, readTuple, tupleAttribute, type ConntrackTuple } from './tuple.ts';

/** A connection that the kernel follows. */
export interface ConntrackEntry {
  /** As the client sends, before any translation. */
  readonly original: ConntrackTuple;
  /** As answers come: its source is where translated packets went. */
  readonly reply: ConntrackTuple;
  /** Of both directions; 0 unless somebody uses zones. */
  readonly zone: number;
  /**
   * Of this very entry. One with the same addresses that comes after it has another, unless it happens to be in the same place of the
   * kernel's memory, from which the number is made.
   */
  readonly id: number | undefined;
  readonly mark: number;
  /** Seconds that it stays without packets; undefined for one that is offloaded or going. */
  readonly timeout: number | undefined;
  /** Packets have come back. */
  readonly isReplied: boolean;
  /** It is not thrown out first when the table is full. */
  readonly isAssured: boolean;
  readonly isSourceTranslated: boolean;
  readonly isDestinationTranslated: boolean;
}

/** Entries must match all that is given. */
export interface ConntrackFilter {
  readonly family?: IpFamily;
  /** IANA's number. */
  readonly protocol?: number;
  readonly zone?: number;
}

/** What names one entry. */
export type ConntrackKey = Pick<ConntrackEntry, 'original' | 'zone' | 'id'>;

export interface ConntrackFailure {
  /** Its place among the entries, from 0. */
  readonly index: number;
  /** ENOENT: it is gone already, or another has come in its place. */
  readonly error: NetlinkError;
}

/**
 * The entries of the network namespace, in no order. Connections come and go meanwhile: what was there all the time is listed, once at least
 * (twice if the table was made larger just then).
 */
export function listConntrack(socket: NetlinkSocket, filter: ConntrackFilter = {}): readonly ConntrackEntry[] {
  const read = (message: Message): ConntrackEntry | undefined => {
    const entry = readEntry(message);
    return matches(entry, filter) ? entry : undefined;
  };
  const inKernel = filterAttributes(filter);
  if (inKernel.length > 0) {
    try {
      return socket.dump(listRequest(filter, inKernel), read);
    } catch (error) {
      if (!(error instanceof NetlinkError && UNKNOWN_FILTER.has(error.errno))) throw error;
    }
  }
  return socket.dump(listRequest(filter, []), read);
}

/** Removes exactly these. Gives those that were refused. */
export function deleteConntrack(socket: NetlinkSocket, keys: readonly ConntrackKey[]): readonly ConntrackFailure[] {
  const failures = socket.batch(keys.map(deleteRequest));
  return failures.map(({ index, error }) => ({ index, error }));
}

/** What kernels say that know of no filter, or of none like this. Most of those before 5.8 know nothing, and say nothing. */
const UNKNOWN_FILTER: ReadonlySet<number> = new Set([constants.errno.EINVAL, constants.errno.EOPNOTSUPP]);

function listRequest({ family }: ConntrackFilter, attributes: readonly AttributeTree[]): NetlinkRequest {
  return {
    operation: 'list the tracked connections',
    type: netfilterType(NFNL_SUBSYS.CTNETLINK, IPCTNL_MSG_CT.GET),
    flags: 0,
    // AF_UNSPEC, 0, is all.
    header: netfilterHeader(family === undefined ? 0 : ADDRESS_FAMILY[family]),
    attributes,
  };
}

/** The kernel filters by protocol only within a family, and then saves nine tenths of the work where most connections are TCP. */
function filterAttributes({ family, protocol }: ConntrackFilter): readonly AttributeTree[] {
  if (family === undefined || protocol === undefined) return [];
  return [
    nestedAttribute(CTA.TUPLE_ORIG, [nestedAttribute(CTA_TUPLE.PROTO, [u8Attribute(CTA_PROTO.NUM, protocol)])]),
    nestedAttribute(CTA.FILTER, [u32Attribute(CTA_FILTER.ORIG_FLAGS, CTA_FILTER_F_PROTO_NUM)]),
  ];
}

/** Without a tuple this message would empty the table: its type has one always. */
function deleteRequest({ original, zone, id }: ConntrackKey): NetlinkRequest {
  return {
    operation: `delete the tracked connection ${describeTuple(original)}`,
    type: netfilterType(NFNL_SUBSYS.CTNETLINK, IPCTNL_MSG_CT.DELETE),
    flags: 0,
    header: netfilterHeader(ADDRESS_FAMILY[original.source.family]),
    attributes: [
      tupleAttribute(CTA.TUPLE_ORIG, original),
      ...(zone === 0 ? [] : [u16Attribute(CTA.ZONE, zone, 'big')]),
      ...(id === undefined ? [] : [u32Attribute(CTA.ID, id, 'big')]),
    ],
  };
}

function matches({ original, zone }: ConntrackEntry, filter: ConntrackFilter): boolean {
  if (filter.family !== undefined && original.source.family !== filter.family) return false;
  if (filter.protocol !== undefined && original.transport.protocol !== filter.protocol) return false;
  return filter.zone === undefined || zone === filter.zone;
}

function readEntry({ payload }: Message): ConntrackEntry {
  const attributes = decodeAttributes(payload, NETFILTER_HEADER);
  const status = readU32Attribute(attributes, CTA.STATUS, 'big') ?? 0;
  return {
    original: readTuple(required(readNestedAttribute(attributes, CTA.TUPLE_ORIG), 'original direction')),
    reply: readTuple(required(readNestedAttribute(attributes, CTA.TUPLE_REPLY), 'reply direction')),
    zone: readU16Attribute(attributes, CTA.ZONE, 'big') ?? 0,
    id: readU32Attribute(attributes, CTA.ID, 'big'),
    mark: readU32Attribute(attributes, CTA.MARK, 'big') ?? 0,
    timeout: readU32Attribute(attributes, CTA.TIMEOUT, 'big'),
    isReplied: (status & IPS.SEEN_REPLY) !== 0,
    isAssured: (status & IPS.ASSURED) !== 0,
    isSourceTranslated: (status & IPS.SRC_NAT) !== 0,
    isDestinationTranslated: (status & IPS.DST_NAT) !== 0,
  };
}
