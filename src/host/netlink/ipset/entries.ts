// Entries of a set, added and removed in bulk. A message holds hundreds of them; the kernel takes them in order and stops at the first that
// fails, whose number it says. What was behind it in that message then goes again, each in a message of its own.
import { attributeSize, decodeAttributes, type AttributeTree } from '../codec/attribute.ts';
import { NLM_F } from '../codec/netlink-header.ts';
import { readU32Attribute } from '../codec/read-attribute.ts';
import { nestedAttribute, netU32Attribute } from '../codec/write-attribute.ts';
import { NETFILTER_HEADER } from '../netfilter-header.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { BatchFailure, NetlinkRequest } from '../request.ts';
import { IPSET_ATTR, IPSET_CMD, IPSET_DATA, IPSET_ERR } from './constants.ts';
import { describeEntry, entryAttributes, type IpSetEntry } from './entry.ts';
import { ipSetErrnoWords } from './errors.ts';
import { ipSetRequest, nameAttribute, type IpSets } from './request.ts';

export interface EntryOptions {
  /**
   * True: an entry that is there already (or, to delete, that is not there) is no failure, as with `ipset -exist`; one that is there gets the
   * time and comment of the new one.
   */
  readonly exist?: boolean;
  /** Of the set, if it is known: it gives some errors their names. */
  readonly type?: string;
}

export interface EntryFailure {
  /** Its place among the entries, from 0. */
  readonly index: number;
  /** IPSET_ERR_EXIST: it is there already, or not there. IPSET_ERR_HASH_FULL: so is the set. */
  readonly error: NetlinkError;
}

/** Tries all of them, and gives those that were refused. Throws NetlinkError for what concerns the whole set: there is none of that name. */
export function addEntries(
  sets: IpSets,
  name: string,
  entries: readonly IpSetEntry[],
  options: EntryOptions = {},
): readonly EntryFailure[] {
  return change(sets, { command: IPSET_CMD.ADD, verb: 'add', to: 'to', name, entries, ...options });
}

/** Tries all of them, and gives those that were refused. Throws NetlinkError for what concerns the whole set: there is none of that name. */
export function deleteEntries(
  sets: IpSets,
  name: string,
  entries: readonly IpSetEntry[],
  options: EntryOptions = {},
): readonly EntryFailure[] {
  return change(sets, { command: IPSET_CMD.DEL, verb: 'delete', to: 'from', name, entries, ...options });
}

/** Whether the set has the entry, or a wider one that holds it. */
export function testEntry(sets: IpSets, name: string, entry: IpSetEntry): boolean {
  const request = ipSetRequest(sets.protocol, {
    operation: `look for ${describeEntry(entry)} in the set ${name}`,
    command: IPSET_CMD.TEST,
    attributes: [nameAttribute(IPSET_ATTR.SETNAME, name), nestedAttribute(IPSET_ATTR.DATA, entryAttributes(entry))],
  });
  try {
    sets.socket.execute(request);
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === IPSET_ERR.EXIST) return false;
    throw error;
  }
}

interface EntryChange extends EntryOptions {
  readonly command: number;
  readonly verb: string;
  readonly to: string;
  readonly name: string;
  readonly entries: readonly IpSetEntry[];
}

/** Entries that go in one message: from, and before which. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly request: NetlinkRequest;
}

function change(sets: IpSets, asked: EntryChange): readonly EntryFailure[] {
  const failures: EntryFailure[] = [];
  const again: Part[] = [];
  const nests = asked.entries.map((entry, i) => numberedNest(entry, i));
  const parts = partsOf(nests).map(([from, to]): Part => ({ from, to, request: manyOf(sets, asked, nests, from, to) }));
  for (const { failure, part } of batch(sets, parts)) {
    const index = failedEntry(failure, part);
    // Not about an entry, then.
    if (index === undefined) throw failure.error;
    failures.push({ index, error: errorOfEntry(asked, index, failure.error) });
    for (let i = index + 1; i < part.to; i += 1) again.push({ from: i, to: i + 1, request: oneOf(sets, asked, i) });
  }
  for (const { failure, part } of batch(sets, again)) failures.push({ index: part.from, error: failure.error });
  return failures.sort((a, b) => a.index - b.index);
}

function batch({ socket }: IpSets, parts: readonly Part[]): readonly { failure: BatchFailure; part: Part }[] {
  return socket.batch(parts.map(({ request }) => request)).flatMap((failure) => {
    const part = parts[failure.index];
    return part === undefined ? [] : [{ failure, part }];
  });
}

/** Entries are numbered from 1: 0 is what the message says as long as no entry has failed. */
function numberedNest(entry: IpSetEntry, index: number): AttributeTree {
  const attributes = entryAttributes(entry);
  attributes.push(netU32Attribute(IPSET_DATA.LINENO, index + 1));
  return nestedAttribute(IPSET_ATTR.DATA, attributes);
}

/** A nest holds less than 65,536 bytes; at half of it two messages still fit into a buffer of 128 kB. */
const PART_BYTES = 32 * 1024;

function partsOf(nests: readonly AttributeTree[]): readonly (readonly [number, number])[] {
  const parts: [number, number][] = [];
  let bytes = 0;
  for (const [i, nest] of nests.entries()) {
    const size = attributeSize(nest);
    const last = parts.at(-1);
    if (last === undefined || bytes + size > PART_BYTES) {
      parts.push([i, i + 1]);
      bytes = size;
    } else {
      last[1] = i + 1;
      bytes += size;
    }
  }
  return parts;
}

/** With IPSET_ATTR_LINENO the kernel answers an entry's failure with the whole message, and that entry's number there (call_ad). */
function manyOf(
  { protocol }: IpSets,
  asked: EntryChange,
  nests: readonly AttributeTree[],
  from: number,
  to: number,
): NetlinkRequest {
  const { command, verb, to: preposition, name, type } = asked;
  return ipSetRequest(protocol, {
    operation: `${verb} entries ${preposition} the set ${name}`,
    command,
    flags: flagsOf(asked),
    attributes: [
      nameAttribute(IPSET_ATTR.SETNAME, name),
      netU32Attribute(IPSET_ATTR.LINENO, 0),
      nestedAttribute(IPSET_ATTR.ADT, nests.slice(from, to)),
    ],
    ...(type === undefined ? {} : { type }),
  });
}

/** Without a number, so that the kernel's answer is the usual one, and short. */
function oneOf({ protocol }: IpSets, asked: EntryChange, index: number): NetlinkRequest {
  const { command, name, type, entries } = asked;
  return ipSetRequest(protocol, {
    operation: operationOn(asked, index),
    command,
    flags: flagsOf(asked),
    attributes: [
      nameAttribute(IPSET_ATTR.SETNAME, name),
      nestedAttribute(IPSET_ATTR.DATA, entryAttributes(entries[index] ?? {})),
    ],
    ...(type === undefined ? {} : { type }),
  });
}

/** Without NLM_F_EXCL it is `-exist` (flag_exist in net/netfilter/ipset/ip_set_core.c). */
function flagsOf({ exist = false }: EntryChange): number {
  return exist ? 0 : NLM_F.EXCL;
}

function operationOn({ verb, to, name, entries }: EntryChange, index: number): string {
  return `${verb} ${describeEntry(entries[index] ?? {})} ${to} the set ${name}`;
}

function failedEntry({ request }: BatchFailure, { from, to }: Part): number | undefined {
  if (request === undefined || request.length < NETFILTER_HEADER) return undefined;
  const line = readU32Attribute(decodeAttributes(request, NETFILTER_HEADER), IPSET_ATTR.LINENO) ?? 0;
  const index = line - 1;
  return index >= from && index < to ? index : undefined;
}

function errorOfEntry(asked: EntryChange, index: number, { errno }: NetlinkError): NetlinkError {
  const words = ipSetErrnoWords(errno, asked.type);
  return new NetlinkError({ operation: operationOn(asked, index), errno, ...(words === undefined ? {} : { words }) });
}
