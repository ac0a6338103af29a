import type { IpFamily } from '../../../core/model/ip.ts';
import { given } from '../../../core/util/given.ts';
import type { Attribute, AttributeTree } from '../codec/attribute.ts';
import { readU16Attribute, readU32Attribute, readU8Attribute } from '../codec/read-attribute.ts';
import { netU16Attribute, netU32Attribute, u8Attribute } from '../codec/write-attribute.ts';
import { IPSET_CADT_FLAG, IPSET_CREATE, IPSET_DATA } from './constants.ts';
import type { IpSetType } from './set-types.ts';

/** What a set is made with; the kernel has a default for what is left out. */
export interface IpSetOptions {
  /** Of hash types: buckets to begin with, a power of two. The kernel makes it larger as the set grows. */
  readonly hashSize?: number;
  /** Of hash types: entries that the set holds at most. */
  readonly maxElements?: number;
  /** Of hash types, as in `ipset save` of newer kernels. */
  readonly bucketSize?: number;
  readonly initValue?: number;
  /** Of hash types: prefix length by which addresses are stored. */
  readonly netmask?: number;
  /** Of bitmap:port, where it must be there: first and last port. */
  readonly ports?: readonly [number, number];
  /** Seconds that an entry stays if it is added without a time of its own; 0: for ever. Undefined: entries have no times. */
  readonly timeout?: number;
  readonly counters?: boolean;
  readonly comments?: boolean;
  /** A full set forgets a random entry for a new one. */
  readonly forceAdd?: boolean;
  readonly skbInfo?: boolean;
}

export interface NewIpSet {
  /** At most 31 bytes. */
  readonly name: string;
  readonly type: IpSetType;
  /** Left out for types without addresses. */
  readonly family?: IpFamily;
  readonly options?: IpSetOptions;
}

/** A set without its entries, as the kernel has it. */
export interface IpSetHeader {
  readonly name: string;
  readonly type: string;
  readonly family: IpFamily | undefined;
  readonly revision: number;
  readonly options: IpSetOptions;
  /** Rules and other sets that refer to it. */
  readonly references: number;
  /** Entries; undefined on kernels before 4.9, which do not say it. */
  readonly elements: number | undefined;
  /** Bytes. */
  readonly memory: number;
}

/** What is in IPSET_ATTR_DATA to make a set. */
export function optionAttributes(options: IpSetOptions): readonly AttributeTree[] {
  const { hashSize, maxElements, bucketSize, initValue, netmask, ports, timeout } = options;
  const flags = flagsOf(options);
  const net32 = (type: number, value: number | undefined): readonly AttributeTree[] =>
    value === undefined ? [] : [netU32Attribute(type, value)];
  const byte = (type: number, value: number | undefined): readonly AttributeTree[] =>
    value === undefined ? [] : [u8Attribute(type, value)];
  return [
    ...(ports === undefined ? [] : portAttributes(ports)),
    ...net32(IPSET_CREATE.HASHSIZE, hashSize),
    ...net32(IPSET_CREATE.MAXELEM, maxElements),
    ...byte(IPSET_CREATE.BUCKETSIZE, bucketSize),
    ...net32(IPSET_CREATE.INITVAL, initValue),
    ...byte(IPSET_CREATE.NETMASK, netmask),
    ...net32(IPSET_DATA.TIMEOUT, timeout),
    ...(flags === 0 ? [] : [netU32Attribute(IPSET_DATA.CADT_FLAGS, flags)]),
  ];
}

function portAttributes([first, last]: readonly [number, number]): readonly AttributeTree[] {
  return [netU16Attribute(IPSET_DATA.PORT, first), netU16Attribute(IPSET_DATA.PORT_TO, last)];
}

function flagsOf({ counters, comments, forceAdd, skbInfo }: IpSetOptions): number {
  return (
    (counters === true ? IPSET_CADT_FLAG.WITH_COUNTERS : 0) |
    (comments === true ? IPSET_CADT_FLAG.WITH_COMMENT : 0) |
    (forceAdd === true ? IPSET_CADT_FLAG.WITH_FORCEADD : 0) |
    (skbInfo === true ? IPSET_CADT_FLAG.WITH_SKBINFO : 0)
  );
}

/** What the kernel lists in IPSET_ATTR_DATA of a set: its options, besides what it counts. */
export function readOptions(data: readonly Attribute[]): IpSetOptions {
  const flags = readU32Attribute(data, IPSET_DATA.CADT_FLAGS) ?? 0;
  const flag = (bit: number): true | undefined => ((flags & bit) === 0 ? undefined : true);
  const hashSize = readU32Attribute(data, IPSET_CREATE.HASHSIZE);
  const maxElements = readU32Attribute(data, IPSET_CREATE.MAXELEM);
  const bucketSize = readU8Attribute(data, IPSET_CREATE.BUCKETSIZE);
  const initValue = readU32Attribute(data, IPSET_CREATE.INITVAL);
  const netmask = readU8Attribute(data, IPSET_CREATE.NETMASK);
  const first = readU16Attribute(data, IPSET_DATA.PORT);
  const last = readU16Attribute(data, IPSET_DATA.PORT_TO);
  const timeout = readU32Attribute(data, IPSET_DATA.TIMEOUT);
  return given({
    hashSize,
    maxElements,
    bucketSize,
    initValue,
    netmask,
    ports: first === undefined || last === undefined ? undefined : ([first, last] as const),
    timeout,
    counters: flag(IPSET_CADT_FLAG.WITH_COUNTERS),
    comments: flag(IPSET_CADT_FLAG.WITH_COMMENT),
    forceAdd: flag(IPSET_CADT_FLAG.WITH_FORCEADD),
    skbInfo: flag(IPSET_CADT_FLAG.WITH_SKBINFO),
  });
}
