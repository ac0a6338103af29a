// ipset's sets: made, removed, exchanged, emptied, listed. Their entries are in entries.ts.
import { constants } from 'node:os';
import type { IpFamily } from '../../../core/model/ip.ts';
import { decodeAttributes, type Attribute } from '../codec/attribute.ts';
import { ADDRESS_FAMILY, ipFamilyOf } from '../codec/ip-bytes.ts';
import type { Message } from '../codec/message.ts';
import { NLM_F } from '../codec/netlink-header.ts';
import {
  readNestedAttribute,
  readTextAttribute,
  readU32Attribute,
  readU8Attribute,
  required,
} from '../codec/read-attribute.ts';
import { nestedAttribute, netU32Attribute, textAttribute, u8Attribute } from '../codec/write-attribute.ts';
import { NETFILTER_HEADER } from '../netfilter-header.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { NetlinkSocket } from '../request.ts';
import { IPSET_ATTR, IPSET_CMD, IPSET_CREATE, IPSET_FLAG, IPSET_PROTOCOL } from './constants.ts';
import { readEntry, type IpSetEntry } from './entry.ts';
import { ipSetErrnoWords } from './errors.ts';
import { ipSetRequest, nameAttribute, type IpSets } from './request.ts';
import { optionAttributes, readOptions, type IpSetHeader, type NewIpSet } from './set.ts';
import { IPSET_REVISIONS, type IpSetType } from './set-types.ts';

/** A set with its entries, in the kernel's order. */
export interface ListedIpSet extends IpSetHeader {
  readonly entries: readonly IpSetEntry[];
}

/** Of a type of set in the kernel: the oldest and the newest revision. */
export interface RevisionRange {
  readonly oldest: number;
  readonly newest: number;
}

/** Loads the module ip_set if need be, and agrees on a version of the protocol. Throws NetlinkError if there is no ipset, or none that fits. */
export function findIpSets(socket: NetlinkSocket): IpSets {
  const operation = "find the kernel's ipset";
  const request = ipSetRequest(IPSET_PROTOCOL.newest, { operation, command: IPSET_CMD.PROTOCOL });
  // nfnetlink's answer for a subsystem that does not exist.
  const words = { code: 'EINVAL', text: 'the kernel has no ipset' };
  const errnoWords = (errno: number): ReturnType<typeof ipSetErrnoWords> =>
    errno === constants.errno.EINVAL ? words : ipSetErrnoWords(errno);
  const attributes = socket.query({ ...request, errnoWords }).flatMap(attributesOf);
  const newest = required(readU8Attribute(attributes, IPSET_ATTR.PROTOCOL), 'version of the protocol');
  const oldest = readU8Attribute(attributes, IPSET_ATTR.PROTOCOL_MIN) ?? newest;
  const protocol = Math.min(newest, IPSET_PROTOCOL.newest);
  if (protocol < oldest || protocol < IPSET_PROTOCOL.oldest) {
    const { oldest: ours, newest: newestOurs } = IPSET_PROTOCOL;
    const text = `it speaks versions ${oldest} to ${newest} of its protocol, chainsmith ${ours} to ${newestOurs}`;
    throw new NetlinkError({ operation, errno: constants.errno.EPROTO, words: { code: 'EPROTO', text } });
  }
  return { socket, protocol };
}

/** The revisions in which the kernel has a type of set. Loads the type's module if need be. */
function typeRevisions({ socket, protocol }: IpSets, type: IpSetType, family?: IpFamily): RevisionRange {
  const request = ipSetRequest(protocol, {
    operation: `ask for the revisions of ${type}`,
    command: IPSET_CMD.TYPE,
    attributes: [textAttribute(IPSET_ATTR.TYPENAME, type), familyAttribute(family)],
  });
  const attributes = socket.query(request).flatMap(attributesOf);
  const newest = required(readU8Attribute(attributes, IPSET_ATTR.REVISION), 'revision');
  return { newest, oldest: readU8Attribute(attributes, IPSET_ATTR.REVISION_MIN) ?? newest };
}

/**
 * Makes an empty set, in the newest revision that both sides know.
 *
 * @param orKeep true: a set of that name, type, family and options that is there already is kept, with its entries. Else that is an error.
 */
export function createSet(sets: IpSets, set: NewIpSet, orKeep = false): void {
  const { name, type, family, options = {} } = set;
  const operation = `create the set ${name}`;
  const { oldest, newest } = typeRevisions(sets, type, family);
  const revision = Math.min(newest, IPSET_REVISIONS[type]);
  if (revision < oldest) {
    const text = `the kernel has ${type} from revision ${oldest} on, chainsmith knows it up to ${IPSET_REVISIONS[type]}`;
    throw new NetlinkError({ operation, errno: constants.errno.EPROTO, words: { code: 'EPROTO', text } });
  }
  const request = ipSetRequest(sets.protocol, {
    operation,
    command: IPSET_CMD.CREATE,
    flags: NLM_F.CREATE | (orKeep ? 0 : NLM_F.EXCL),
    attributes: [
      nameAttribute(IPSET_ATTR.SETNAME, name),
      textAttribute(IPSET_ATTR.TYPENAME, type),
      u8Attribute(IPSET_ATTR.REVISION, revision),
      familyAttribute(family),
      nestedAttribute(IPSET_ATTR.DATA, optionAttributes(options)),
    ],
    type,
  });
  sets.socket.execute(request);
}

/** Removes one set, which nothing may refer to. */
export function destroySet({ socket, protocol }: IpSets, name: string): void {
  const request = ipSetRequest(protocol, {
    operation: `destroy the set ${name}`,
    command: IPSET_CMD.DESTROY,
    // Without it newer kernels take no offence at a set that is not there.
    flags: NLM_F.EXCL,
    attributes: [nameAttribute(IPSET_ATTR.SETNAME, name)],
  });
  socket.execute(request);
}

/** Removes all entries of one set. */
export function flushSet(sets: IpSets, name: string): void {
  onSet(sets, `empty the set ${name}`, IPSET_CMD.FLUSH, name);
}

/** A set that something refers to cannot be renamed. */
export function renameSet(sets: IpSets, name: string, to: string): void {
  onSet(sets, `rename the set ${name} to ${to}`, IPSET_CMD.RENAME, name, to);
}

/** Exchanges the contents of two sets of one type, at one stroke: what refers to the one name sees what was in the other. */
export function swapSets(sets: IpSets, name: string, other: string): void {
  onSet(sets, `swap the sets ${name} and ${other}`, IPSET_CMD.SWAP, name, other);
}

function onSet({ socket, protocol }: IpSets, operation: string, command: number, name: string, other?: string): void {
  const names = [
    nameAttribute(IPSET_ATTR.SETNAME, name),
    ...(other === undefined ? [] : [nameAttribute(IPSET_ATTR.SETNAME2, other)]),
  ];
  socket.execute(ipSetRequest(protocol, { operation, command, attributes: names }));
}

/** The names of all sets of the network namespace, in the kernel's order. */
export function listSetNames({ socket, protocol }: IpSets): readonly string[] {
  const request = ipSetRequest(protocol, {
    operation: 'list the names of all sets',
    command: IPSET_CMD.LIST,
    attributes: [netU32Attribute(IPSET_ATTR.FLAGS, IPSET_FLAG.LIST_SETNAME)],
  });
  return socket.dump(request, (message) => nameOf(attributesOf(message)));
}

/** All sets without their entries, of which there may be 100,000. */
export function listSetHeaders({ socket, protocol }: IpSets): readonly IpSetHeader[] {
  const request = ipSetRequest(protocol, {
    operation: 'list all sets',
    command: IPSET_CMD.LIST,
    attributes: [netU32Attribute(IPSET_ATTR.FLAGS, IPSET_FLAG.LIST_HEADER)],
  });
  return socket.dump(request, (message) => readHeader(attributesOf(message)));
}

/** One set with its entries, or all. Throws NetlinkError with ENOENT if there is no set of that name. */
export function listSets({ socket, protocol }: IpSets, name?: string): readonly ListedIpSet[] {
  const request = ipSetRequest(protocol, {
    operation: name === undefined ? 'list all sets and their entries' : `list the set ${name}`,
    command: IPSET_CMD.LIST,
    attributes: name === undefined ? [] : [nameAttribute(IPSET_ATTR.SETNAME, name)],
  });
  // A set that does not fit into one message goes on in the next one, which has its name and no header.
  const lists: { readonly header: IpSetHeader; readonly entries: IpSetEntry[] }[] = [];
  for (const attributes of socket.dump(request, attributesOf)) {
    if (readNestedAttribute(attributes, IPSET_ATTR.DATA) !== undefined) {
      lists.push({ header: readHeader(attributes), entries: [] });
    }
    const { entries } = required(lists.at(-1), `header of the set ${nameOf(attributes)}`);
    for (const { type, value } of readNestedAttribute(attributes, IPSET_ATTR.ADT) ?? []) {
      if (type === IPSET_ATTR.DATA) entries.push(readEntry(decodeAttributes(value)));
    }
  }
  return lists.map(({ header, entries }) => ({ ...header, entries }));
}

function readHeader(attributes: readonly Attribute[]): IpSetHeader {
  const data = readNestedAttribute(attributes, IPSET_ATTR.DATA) ?? [];
  return {
    name: nameOf(attributes),
    type: required(readTextAttribute(attributes, IPSET_ATTR.TYPENAME), 'type of the set'),
    family: ipFamilyOf(readU8Attribute(attributes, IPSET_ATTR.FAMILY) ?? 0),
    revision: required(readU8Attribute(attributes, IPSET_ATTR.REVISION), 'revision of the set'),
    options: readOptions(data),
    references: readU32Attribute(data, IPSET_CREATE.REFERENCES) ?? 0,
    elements: readU32Attribute(data, IPSET_CREATE.ELEMENTS),
    memory: readU32Attribute(data, IPSET_CREATE.MEMSIZE) ?? 0,
  };
}

function nameOf(attributes: readonly Attribute[]): string {
  return required(readTextAttribute(attributes, IPSET_ATTR.SETNAME), 'name of the set');
}

/** NFPROTO_UNSPEC is 0. */
function familyAttribute(family: IpFamily | undefined): ReturnType<typeof u8Attribute> {
  return u8Attribute(IPSET_ATTR.FAMILY, family === undefined ? 0 : ADDRESS_FAMILY[family]);
}

function attributesOf({ payload }: Message): readonly Attribute[] {
  return decodeAttributes(payload, NETFILTER_HEADER);
}
