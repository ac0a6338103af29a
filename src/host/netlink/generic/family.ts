import { decodeAttributes } from '../codec/attribute.ts';
import type { Message } from '../codec/message.ts';
import { readU16Attribute, readU32Attribute, required } from '../codec/read-attribute.ts';
import { textAttribute } from '../codec/write-attribute.ts';
import type { NetlinkSocket } from '../request.ts';

/** Constants of include/uapi/linux/genetlink.h. */
const GENL_ID_CTRL = 0x10;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2, VERSION: 3 } as const;
const CTRL_VERSION = 2;
/** sizeof(struct genlmsghdr) */
const GENERIC_HEADER = 4;

/** A family of generic netlink. The kernel gives it a message type when its module is loaded. */
export interface GenericFamily {
  readonly name: string;
  /** The type of its messages, from 0x10 on. */
  readonly id: number;
  readonly version: number;
}

/** Loads its module if need be and possible. Throws NetlinkError with ENOENT if the kernel does not have it. */
export function findFamily(socket: NetlinkSocket, name: string): GenericFamily {
  const messages = socket.query({
    operation: `find the kernel's ${name}`,
    type: GENL_ID_CTRL,
    flags: 0,
    header: genericHeader(CTRL_CMD_GETFAMILY, CTRL_VERSION),
    attributes: [textAttribute(CTRL_ATTR.FAMILY_NAME, name)],
  });
  const attributes = messages.flatMap((message) => genericAttributes(message));
  return {
    name,
    id: required(readU16Attribute(attributes, CTRL_ATTR.FAMILY_ID), 'id of the family'),
    version: readU32Attribute(attributes, CTRL_ATTR.VERSION) ?? 1,
  };
}

/** struct genlmsghdr { __u8 cmd; __u8 version; __u16 reserved; } */
export function genericHeader(command: number, version: number): Uint8Array {
  return Uint8Array.of(command, version, 0, 0);
}

/** What is behind the header. */
export function genericAttributes({ payload }: Message): ReturnType<typeof decodeAttributes> {
  return decodeAttributes(payload, GENERIC_HEADER);
}
