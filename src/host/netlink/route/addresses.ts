// Addresses of links through rtnetlink.
import type { Ip } from '../../../core/model/ip.ts';
import { decodeAttributes, type AttributeTree } from '../codec/attribute.ts';
import { readU32, writeU32 } from '../codec/byte-order.ts';
import { ADDRESS_FAMILY, ipFamilyOf } from '../codec/ip-bytes.ts';
import { MalformedNetlink } from '../codec/malformed.ts';
import type { Message } from '../codec/message.ts';
import { NLM_F } from '../codec/netlink-header.ts';
import { readIpAttribute, readU32Attribute, required } from '../codec/read-attribute.ts';
import { ipAttribute, u32Attribute } from '../codec/write-attribute.ts';
import type { NetlinkError } from '../netlink-error.ts';
import type { NetlinkRequest, NetlinkSocket } from '../request.ts';
import { ADDRESS_HEADER, IFA, IFA_F, RTM } from './constants.ts';
import type { Link } from './links.ts';

export interface LinkAddress {
  /** Of the link. */
  readonly index: number;
  readonly ip: Ip;
  /** 0-32 or 0-128. */
  readonly prefix: number;
  /** IPv6 only: it does not work yet, as the network is still asked whether somebody else has it. */
  readonly isTentative: boolean;
}

/** An address to add or delete. */
export type AddressToSet = Pick<LinkAddress, 'ip' | 'prefix'>;

export interface AddressFailure {
  /** Its place among the addresses, from 0. */
  readonly index: number;
  /** EEXIST: the link has it already. EADDRNOTAVAIL: the link does not have it. ENODEV: there is no such link. */
  readonly error: NetlinkError;
}

/** Of one link, or of all; in the kernel's order, IPv4 first. Older kernels list those of all links in any case. */
export function listAddresses(socket: NetlinkSocket, link?: Pick<Link, 'index' | 'name'>): readonly LinkAddress[] {
  const request: NetlinkRequest = {
    operation: link === undefined ? 'list the addresses' : `list the addresses of ${link.name}`,
    type: RTM.GETADDR,
    flags: 0,
    header: new Uint8Array(ADDRESS_HEADER),
    attributes: [],
  };
  return socket.dump(request, (message) => {
    const address = readAddress(message);
    return link === undefined || address?.index === link.index ? address : undefined;
  });
}

/** Adds all of them, and gives those that were refused. IPv6 addresses work at once: nobody is asked whether they are taken. */
export function addAddresses(
  socket: NetlinkSocket,
  link: Pick<Link, 'index' | 'name'>,
  addresses: readonly AddressToSet[],
): readonly AddressFailure[] {
  const requests = addresses.map((address): NetlinkRequest => {
    const noDad = address.ip.family === 'ipv6' ? [u32Attribute(IFA.FLAGS, IFA_F.NODAD)] : [];
    return {
      operation: `add ${address.ip.text}/${address.prefix} to ${link.name}`,
      type: RTM.NEWADDR,
      flags: NLM_F.CREATE | NLM_F.EXCL,
      header: addressHeader(link.index, address),
      attributes: [...addressAttributes(address), ...noDad],
    };
  });
  return socket.batch(requests).map(({ index, error }) => ({ index, error }));
}

/** Deletes all of them, and gives those that were refused. */
export function deleteAddresses(
  socket: NetlinkSocket,
  link: Pick<Link, 'index' | 'name'>,
  addresses: readonly AddressToSet[],
): readonly AddressFailure[] {
  const requests = addresses.map((address): NetlinkRequest => ({
    operation: `delete ${address.ip.text}/${address.prefix} from ${link.name}`,
    type: RTM.DELADDR,
    flags: 0,
    header: addressHeader(link.index, address),
    attributes: addressAttributes(address),
  }));
  return socket.batch(requests).map(({ index, error }) => ({ index, error }));
}

/** struct ifaddrmsg { __u8 family, prefixlen, flags, scope; __u32 index; } */
function addressHeader(index: number, { ip, prefix }: AddressToSet): Uint8Array {
  const header = Uint8Array.of(ADDRESS_FAMILY[ip.family], prefix, 0, 0, 0, 0, 0, 0);
  writeU32(header, 4, index);
  return header;
}

function addressAttributes({ ip }: AddressToSet): readonly AttributeTree[] {
  return [ipAttribute(IFA.LOCAL, ip), ipAttribute(IFA.ADDRESS, ip)];
}

/** Undefined for families other than IP (a dump of all has those of MCTP and such, too). */
function readAddress({ payload }: Message): LinkAddress | undefined {
  if (payload.length < ADDRESS_HEADER) throw new MalformedNetlink(`an address has ${payload.length} bytes`);
  const [addressFamily = 0, prefix = 0, shortFlags = 0] = payload;
  const family = ipFamilyOf(addressFamily);
  if (family === undefined) return undefined;
  const attributes = decodeAttributes(payload, ADDRESS_HEADER);
  // IFA_ADDRESS is the other end on links that have one; IPv6 leaves IFA_LOCAL out else.
  const ip = readIpAttribute(attributes, IFA.LOCAL, family) ?? readIpAttribute(attributes, IFA.ADDRESS, family);
  const flags = readU32Attribute(attributes, IFA.FLAGS) ?? shortFlags;
  return {
    index: readU32(payload, 4),
    ip: required(ip, 'address'),
    prefix,
    isTentative: (flags & IFA_F.TENTATIVE) !== 0,
  };
}
