import { headerOptions } from '../../core/plan/ipvs/set-shape.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { given } from '../../core/util/given.ts';
import type { IpSetOptions } from '../netlink/ipset/set.ts';

/** The words of `create` behind the type, as `ipset save` prints them. */
export function headerWords(family: IpFamily | undefined, options: IpSetOptions): readonly string[] {
  const { ports, hashSize, maxElements, netmask, timeout, bucketSize, initValue } = options;
  const value = (name: string, number: number | string | undefined): readonly string[] =>
    number === undefined ? [] : [name, String(number)];
  const flag = (name: string, isSet: boolean | undefined): readonly string[] => (isSet === true ? [name] : []);
  return [
    ...value('range', ports?.join('-')),
    ...(ports !== undefined || family === undefined ? [] : ['family', family === 'ipv4' ? 'inet' : 'inet6']),
    ...value('hashsize', hashSize),
    ...value('maxelem', maxElements),
    ...value('netmask', netmask),
    ...value('timeout', timeout),
    ...flag('counters', options.counters),
    ...flag('comment', options.comments),
    ...flag('skbinfo', options.skbInfo),
    ...flag('forceadd', options.forceAdd),
    ...value('bucketsize', bucketSize),
    ...value('initval', initValue === undefined ? undefined : `0x${initValue.toString(16).padStart(8, '0')}`),
  ];
}

/** The same for making a set: without what only says how it was stored. The kernel chooses that anew, and older ones know nothing of it. */
export function newSetWords(header: readonly string[]): readonly string[] {
  return [...headerOptions(header)].flatMap(([name, value]): readonly string[] => {
    if (name === 'bucketsize' || name === 'initval') return [];
    return value === '' ? [name] : [name, value];
  });
}

/** What the words of a header mean to the kernel. */
export function newSetOptions(header: readonly string[]): IpSetOptions {
  const options = headerOptions(header);
  const number = (name: string): number | undefined => {
    const value = options.get(name);
    return value === undefined ? undefined : Number(value);
  };
  const [hashSize, maxElements, netmask, timeout] = ['hashsize', 'maxelem', 'netmask', 'timeout'].map(number);
  const [first, last] = (options.get('range') ?? '').split('-').map(Number);
  return given({
    ports: first === undefined || last === undefined ? undefined : ([first, last] as const),
    hashSize,
    maxElements,
    netmask,
    timeout,
    counters: options.has('counters') || undefined,
    comments: options.has('comment') || undefined,
    skbInfo: options.has('skbinfo') || undefined,
    forceAdd: options.has('forceadd') || undefined,
  });
}
