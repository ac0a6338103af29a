// Constants of include/uapi/linux/netfilter/ipset/ip_set.h.

/** IPSET_PROTOCOL and IPSET_PROTOCOL_MIN: those of which all that is here is true. */
export const IPSET_PROTOCOL = { newest: 7, oldest: 6 } as const;

/** IPSET_MAXNAMELEN, with the NUL byte. */
export const IPSET_MAXNAMELEN = 32;

/** enum ipset_cmd */
export const IPSET_CMD = {
  PROTOCOL: 1,
  CREATE: 2,
  DESTROY: 3,
  FLUSH: 4,
  RENAME: 5,
  SWAP: 6,
  LIST: 7,
  ADD: 9,
  DEL: 10,
  TEST: 11,
  HEADER: 12,
  TYPE: 13,
} as const;

/** enum: attributes of a message. */
export const IPSET_ATTR = {
  PROTOCOL: 1,
  SETNAME: 2,
  TYPENAME: 3,
  /** The other set of RENAME and SWAP. */
  SETNAME2: 3,
  REVISION: 4,
  FAMILY: 5,
  FLAGS: 6,
  DATA: 7,
  ADT: 8,
  LINENO: 9,
  PROTOCOL_MIN: 10,
  REVISION_MIN: 10,
} as const;

/** enum: attributes in IPSET_ATTR_DATA, of sets and of their entries. */
export const IPSET_DATA = {
  IP: 1,
  IP_TO: 2,
  CIDR: 3,
  PORT: 4,
  PORT_TO: 5,
  TIMEOUT: 6,
  PROTO: 7,
  CADT_FLAGS: 8,
  LINENO: 9,
  MARK: 10,
} as const;

/** enum: attributes in IPSET_ATTR_DATA of sets only. */
export const IPSET_CREATE = {
  INITVAL: 17,
  HASHSIZE: 18,
  MAXELEM: 19,
  NETMASK: 20,
  BUCKETSIZE: 21,
  SIZE: 23,
  ELEMENTS: 24,
  REFERENCES: 25,
  MEMSIZE: 26,
} as const;

/** enum: attributes in IPSET_ATTR_DATA of entries only. */
export const IPSET_ADT = {
  ETHER: 17,
  NAME: 18,
  IP2: 20,
  CIDR2: 21,
  IFACE: 23,
  BYTES: 24,
  PACKETS: 25,
  COMMENT: 26,
} as const;

/** enum: the two kinds of address in IPSET_DATA.IP and IPSET_ADT.IP2. */
export const IPSET_ATTR_IPADDR = { ipv4: 1, ipv6: 2 } as const;

/** enum ipset_cmd_flags: in IPSET_ATTR_FLAGS. */
export const IPSET_FLAG = { LIST_SETNAME: 0x2, LIST_HEADER: 0x4 } as const;

/** enum ipset_cadt_flags: in IPSET_DATA.CADT_FLAGS. */
export const IPSET_CADT_FLAG = {
  NOMATCH: 0x4,
  WITH_COUNTERS: 0x8,
  WITH_COMMENT: 0x10,
  WITH_FORCEADD: 0x20,
  WITH_SKBINFO: 0x40,
} as const;

/** enum ipset_errno: errors of ipset's own. */
export const IPSET_ERR = { BUSY: 4100, EXIST: 4103, REFERENCED: 4108, TYPE_SPECIFIC: 4352 } as const;
