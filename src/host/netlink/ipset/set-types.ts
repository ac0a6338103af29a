/**
 * The types of set that chainsmith makes, and the newest revision of each of which it knows what it means (REVISION_MAX in
 * net/netfilter/ipset/ip_set_*.c, Linux 6.18). The kernel takes each revision between its oldest and its newest; `ipset save` prints what
 * came with a newer one (bucketsize and initval), so sets are made in the newest that both sides know, like those of ipset(8).
 */
export const IPSET_REVISIONS = {
  'bitmap:port': 3,
  'hash:ip': 6,
  'hash:net': 7,
  'hash:ip,port': 7,
  'hash:net,port': 8,
  'hash:ip,port,ip': 6,
  'hash:ip,port,net': 8,
} as const;

export type IpSetType = keyof typeof IPSET_REVISIONS;

/** Whether chainsmith can make sets of this type. */
export function isIpSetType(type: string): type is IpSetType {
  return Object.hasOwn(IPSET_REVISIONS, type);
}
