/** Constants of include/uapi/linux/netfilter/nfnetlink.h: NFNL_SUBSYS_*, the upper byte of a message's type. */
export const NFNL_SUBSYS = { CTNETLINK: 1, IPSET: 6 } as const;

/** sizeof(struct nfgenmsg) */
export const NETFILTER_HEADER = 4;

export function netfilterType(subsystem: number, command: number): number {
  return (subsystem << 8) | command;
}

/** struct nfgenmsg { __u8 nfgen_family; __u8 version; __be16 res_id; }; NFNETLINK_V0 is version 0. */
export function netfilterHeader(addressFamily: number): Uint8Array {
  return Uint8Array.of(addressFamily, 0, 0, 0);
}
