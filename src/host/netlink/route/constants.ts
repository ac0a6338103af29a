// Constants of include/uapi/linux/rtnetlink.h, if_link.h, if_addr.h and if.h.

/** RTM_*: message types. */
export const RTM = { NEWLINK: 16, DELLINK: 17, GETLINK: 18, NEWADDR: 20, DELADDR: 21, GETADDR: 22 } as const;

/** enum: IFLA_*, of links. */
export const IFLA = { IFNAME: 3, MTU: 4, LINKINFO: 18 } as const;

/** enum: IFLA_INFO_*, in IFLA_LINKINFO. */
export const IFLA_INFO = { KIND: 1 } as const;

/** enum: IFA_*, of addresses. */
export const IFA = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const;

/** ifa_flags */
export const IFA_F = { NODAD: 0x02, TENTATIVE: 0x40, PERMANENT: 0x80 } as const;

/** IFF_UP of include/uapi/linux/if.h */
export const IFF_UP = 1;

/** IFNAMSIZ of include/uapi/linux/if.h, with the NUL byte. */
export const IFNAMSIZ = 16;

/** sizeof(struct ifinfomsg), sizeof(struct ifaddrmsg) */
export const LINK_HEADER = 16;
export const ADDRESS_HEADER = 8;
