import type { ErrnoWords } from '../netlink-error.ts';
import { IPSET_ERR } from './constants.ts';

/** enum ipset_errno, from IPSET_ERR_PRIVATE = 4096 on, in the words of what chainsmith does. */
const COMMON: readonly (readonly [code: string, text: string])[] = [
  ['IPSET_ERR_PRIVATE', 'an error of ipset without a name'],
  ['IPSET_ERR_PROTOCOL', 'the kernel does not understand the request'],
  ['IPSET_ERR_FIND_TYPE', 'the kernel has no such type of set, or not in this revision'],
  ['IPSET_ERR_MAX_SETS', 'there are as many sets as there can be'],
  ['IPSET_ERR_BUSY', 'the set is in use by a rule or another set'],
  ['IPSET_ERR_EXIST_SETNAME2', 'there is a set of the new name already, or none of the other one'],
  ['IPSET_ERR_TYPE_MISMATCH', 'the two sets are of different types'],
  ['IPSET_ERR_EXIST', 'the entry is there already, or not there'],
  ['IPSET_ERR_INVALID_CIDR', 'the prefix length is out of range'],
  ['IPSET_ERR_INVALID_NETMASK', 'the netmask is out of range'],
  ['IPSET_ERR_INVALID_FAMILY', 'the set has no such address family'],
  ['IPSET_ERR_TIMEOUT', 'the set was made without timeouts'],
  ['IPSET_ERR_REFERENCED', 'the set is in use by a rule or another set'],
  ['IPSET_ERR_IPADDR_IPV4', 'an IPv4 address is missing, or is one of the other family'],
  ['IPSET_ERR_IPADDR_IPV6', 'an IPv6 address is missing, or is one of the other family'],
  ['IPSET_ERR_COUNTER', 'the set was made without counters'],
  ['IPSET_ERR_COMMENT', 'the set was made without comments'],
  ['IPSET_ERR_INVALID_MARKMASK', 'the mark mask is out of range'],
  ['IPSET_ERR_SKBINFO', 'the set was made without skbinfo'],
];

/** enums of ip_set_hash.h and ip_set_bitmap.h, from IPSET_ERR_TYPE_SPECIFIC = 4352 on: the same numbers mean different things. */
const OF_TYPE: Readonly<Record<string, readonly (readonly [code: string, text: string])[]>> = {
  hash: [
    ['IPSET_ERR_HASH_FULL', 'the set is full (maxelem)'],
    ['IPSET_ERR_HASH_ELEM', 'the entry is the one that such a set cannot hold'],
    ['IPSET_ERR_INVALID_PROTO', 'such a set holds no entries of this protocol'],
    ['IPSET_ERR_MISSING_PROTO', 'the protocol is missing'],
    ['IPSET_ERR_HASH_RANGE_UNSUPPORTED', 'such a set takes no ranges'],
    ['IPSET_ERR_HASH_RANGE', 'the range is too large, or ends before it begins'],
  ],
  bitmap: [
    ['IPSET_ERR_BITMAP_RANGE', 'the entry is out of the range of the set'],
    ['IPSET_ERR_BITMAP_RANGE_SIZE', 'the range is larger than such a set can be'],
  ],
};

/** Names of ipset's own errors; undefined for those of the system. @param type of the set, if it is known */
export function ipSetErrnoWords(errno: number, type?: string): ErrnoWords | undefined {
  if (errno < FIRST) return undefined;
  const specific = OF_TYPE[type?.split(':')[0] ?? '']?.[errno - IPSET_ERR.TYPE_SPECIFIC];
  const [code, text] = COMMON[errno - FIRST] ?? specific ?? [`ipset error ${errno}`, 'an error of this type of set'];
  return { code, text };
}

const FIRST = 4096;
