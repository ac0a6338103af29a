// Constants of include/uapi/linux/netfilter/nfnetlink_conntrack.h and nf_conntrack_common.h.

/** enum cntl_msg_types */
export const IPCTNL_MSG_CT = { NEW: 0, GET: 1, DELETE: 2 } as const;

/** enum ctattr_type */
export const CTA = {
  TUPLE_ORIG: 1,
  TUPLE_REPLY: 2,
  STATUS: 3,
  TIMEOUT: 7,
  MARK: 8,
  ID: 12,
  ZONE: 18,
  FILTER: 25,
} as const;

/** enum ctattr_tuple */
export const CTA_TUPLE = { IP: 1, PROTO: 2, ZONE: 3 } as const;

/** enum ctattr_ip */
export const CTA_IP = { ipv4: { source: 1, destination: 2 }, ipv6: { source: 3, destination: 4 } } as const;

/** enum ctattr_l4proto */
export const CTA_PROTO = { NUM: 1, SRC_PORT: 2, DST_PORT: 3 } as const;
/** CTA_PROTO_ICMP_ and CTA_PROTO_ICMPV6_ID, TYPE, CODE */
export const CTA_PROTO_ICMP = { ipv4: { id: 4, type: 5, code: 6 }, ipv6: { id: 7, type: 8, code: 9 } } as const;

/** enum ctattr_filter, Linux 5.8 */
export const CTA_FILTER = { ORIG_FLAGS: 1 } as const;

/** CTA_FILTER_F_CTA_PROTO_NUM of net/netfilter/nf_internals.h: of a tuple in a filter, the protocol counts. */
export const CTA_FILTER_F_PROTO_NUM = 0x8;

/** enum ip_conntrack_status */
export const IPS = {
  SEEN_REPLY: 0x2,
  ASSURED: 0x4,
  CONFIRMED: 0x8,
  SRC_NAT: 0x10,
  DST_NAT: 0x20,
  DYING: 0x200,
} as const;

/** IANA's protocol numbers that have identifiers instead of ports. */
export const ICMP = { ipv4: 1, ipv6: 58 } as const;
