// Constants of include/uapi/linux/netlink.h and include/uapi/linux/socket.h. They are the same on every architecture.

/** Which part of the kernel a socket speaks to: NETLINK_*. */
export const NETLINK_PROTOCOL = { route: 0, netfilter: 12, generic: 16 } as const;

export type NetlinkProtocol = keyof typeof NETLINK_PROTOCOL;

/** NLMSG_*: message types below 0x10 mean the same in every family. */
export const NLMSG = { NOOP: 0x1, ERROR: 0x2, DONE: 0x3, OVERRUN: 0x4 } as const;

/** NLM_F_*: flags of a message. Those from 0x100 on mean something else for each kind of message. */
export const NLM_F = {
  REQUEST: 0x01,
  MULTI: 0x02,
  ACK: 0x04,
  DUMP_INTR: 0x10,
  /** NLM_F_ROOT | NLM_F_MATCH, of a GET request. */
  DUMP: 0x300,
  /** Of a NEW request. */
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  /** Of an acknowledgement: the request is not repeated in it, but for its header. */
  CAPPED: 0x100,
  /** Of an acknowledgement: attributes of NLMSGERR_ATTR follow. */
  ACK_TLVS: 0x200,
} as const;

/** enum nlmsgerr_attrs: what an extended acknowledgement says. */
export const NLMSGERR_ATTR = { MSG: 1, OFFS: 2, MISS_TYPE: 5, MISS_NEST: 6 } as const;

/** NLA_F_*: the two upper bits of an attribute's type. */
export const NLA_F = { NESTED: 0x8000, NET_BYTEORDER: 0x4000 } as const;
export const NLA_TYPE_MASK = 0x3fff;

/** sizeof(struct nlmsghdr), sizeof(struct nlattr). */
export const MESSAGE_HEADER = 16;
export const ATTRIBUTE_HEADER = 4;

/** NLMSG_ALIGNTO and NLA_ALIGNTO: messages and attributes begin at multiples of four bytes. */
export function aligned(length: number): number {
  return length + (-length & 3);
}
