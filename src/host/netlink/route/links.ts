// Links (network interfaces) through rtnetlink.
import { constants } from 'node:os';
import { decodeAttributes, type AttributeTree } from '../codec/attribute.ts';
import { readI32, readU32, writeU32 } from '../codec/byte-order.ts';
import { MalformedNetlink } from '../codec/malformed.ts';
import type { Message } from '../codec/message.ts';
import { NLM_F } from '../codec/netlink-header.ts';
import { readNestedAttribute, readTextAttribute, required } from '../codec/read-attribute.ts';
import { nestedAttribute, textAttribute } from '../codec/write-attribute.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { NetlinkSocket } from '../request.ts';
import { IFF_UP, IFLA, IFLA_INFO, IFNAMSIZ, LINK_HEADER, RTM } from './constants.ts';

export interface Link {
  /** Its number, which nothing else in the network namespace has as long as it lives. */
  readonly index: number;
  readonly name: string;
  /** `dummy`, `veth` ...; undefined for hardware and the loopback. */
  readonly kind: string | undefined;
  readonly isUp: boolean;
}

/** All links of the network namespace, by number. */
export function listLinks(socket: NetlinkSocket): readonly Link[] {
  const request = { operation: 'list the links', type: RTM.GETLINK, flags: 0, header: linkHeader(), attributes: [] };
  return socket.dump(request, readLink).toSorted((a, b) => a.index - b.index);
}

/** Undefined if there is no link of that name. */
export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  const request = {
    operation: `find the link ${name}`,
    type: RTM.GETLINK,
    flags: 0,
    header: linkHeader(),
    attributes: [nameAttribute(name)],
  };
  try {
    return socket.query(request).map(readLink).at(0);
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === constants.errno.ENODEV) return undefined;
    throw error;
  }
}

/** Makes a link to nowhere, which holds addresses; it is down. Throws NetlinkError: EEXIST, or EOPNOTSUPP if the kernel has no such links. */
export function createDummyLink(socket: NetlinkSocket, name: string): void {
  socket.execute({
    operation: `create the dummy link ${name}`,
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    header: linkHeader(),
    attributes: [nameAttribute(name), nestedAttribute(IFLA.LINKINFO, [textAttribute(IFLA_INFO.KIND, 'dummy')])],
  });
}

/** Removes a link with its addresses. By number: a name could be another link's by now. */
export function deleteLink(socket: NetlinkSocket, { index, name }: Pick<Link, 'index' | 'name'>): void {
  const operation = `delete the link ${name}`;
  socket.execute({ operation, type: RTM.DELLINK, flags: 0, header: linkHeader({ index }), attributes: [] });
}

export function setLinkUp(socket: NetlinkSocket, { index, name }: Pick<Link, 'index' | 'name'>): void {
  const header = linkHeader({ index, flags: IFF_UP, change: IFF_UP });
  socket.execute({ operation: `set the link ${name} up`, type: RTM.NEWLINK, flags: 0, header, attributes: [] });
}

interface LinkHeader {
  readonly index?: number;
  readonly flags?: number;
  /** Which of the flags are meant. */
  readonly change?: number;
}

/** struct ifinfomsg { unsigned char family, pad; unsigned short type; int index; unsigned flags, change; } */
function linkHeader({ index = 0, flags = 0, change = 0 }: LinkHeader = {}): Uint8Array {
  const header = new Uint8Array(LINK_HEADER);
  writeU32(header, 4, index);
  writeU32(header, 8, flags);
  writeU32(header, 12, change);
  return header;
}

/** Throws RangeError for a name that no link can have. */
function nameAttribute(name: string): AttributeTree {
  const attribute = textAttribute(IFLA.IFNAME, name);
  if (name === '' || name.includes('\0') || attribute.value.length > IFNAMSIZ) {
    throw new RangeError(`${JSON.stringify(name)} is no name of a link: it has 1 to ${IFNAMSIZ - 1} bytes`);
  }
  return attribute;
}

function readLink({ payload }: Message): Link {
  if (payload.length < LINK_HEADER) throw new MalformedNetlink(`a link has ${payload.length} bytes`);
  const attributes = decodeAttributes(payload, LINK_HEADER);
  const info = readNestedAttribute(attributes, IFLA.LINKINFO) ?? [];
  return {
    index: readI32(payload, 4),
    name: required(readTextAttribute(attributes, IFLA.IFNAME), 'name of the link'),
    kind: readTextAttribute(info, IFLA_INFO.KIND),
    isUp: (readU32(payload, 8) & IFF_UP) !== 0,
  };
}
