import { sortedBy } from '../../util/order.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';

/** What a set is, without its members. */
export type SetShape = Pick<IpSet, 'type' | 'family' | 'header'>;

/** Words of a header that say how a set is stored, and not what it holds: the kernel makes tables larger, and older ones have no buckets. */
const STORAGE: ReadonlySet<string> = new Set(['hashsize', 'bucketsize', 'initval']);
/** Words of a header behind which nothing stands. */
const FLAGS: ReadonlySet<string> = new Set(['counters', 'comment', 'skbinfo', 'forceadd']);

/** The options of a header: `maxelem` -> `65536`; `` for what has no value. */
export function headerOptions(header: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i < header.length; i++) {
    const word = header[i] ?? '';
    if (FLAGS.has(word)) options.set(word, '');
    else options.set(word, header[(i += 1)] ?? '');
  }
  return options;
}

/** Equal for sets that hold the same in the same way. */
export function comparableShape({ type, family, header }: SetShape): string {
  const options = sortedBy(
    [...headerOptions(header)].filter(([name]) => !STORAGE.has(name)),
    ([name]) => name,
  );
  return JSON.stringify([type, type.startsWith('bitmap') ? '' : family, options]);
}

/**
 * Whether a set that is there does what is wanted: it may hold more than it has to, and count. With a timeout members would go by themselves,
 * and with a netmask others be taken for them.
 */
export function fits(there: SetShape, wanted: SetShape): boolean {
  if (there.type !== wanted.type) return false;
  const [has, needs] = [headerOptions(there.header), headerOptions(wanted.header)];
  if (has.has('timeout') || has.has('netmask') || has.has('bitmask')) return false;
  if (there.type.startsWith('bitmap')) return has.get('range') === needs.get('range');
  return there.family === wanted.family && Number(has.get('maxelem') ?? 65_536) >= Number(needs.get('maxelem') ?? 0);
}
