import type { Diagrams } from './diagram.ts';
import type { Ended, Entry, PacketState } from './packet-state.ts';
import { sameState } from './packet-state.ts';
import type { Shares } from './shares.ts';
import { groupBy } from '../../util/group-by.ts';

export interface MergeParts {
  readonly diagrams: Diagrams;
  readonly shares: Shares;
}

/** From here on entries are sorted by state first: comparing each with each would take long. */
const MANY = 16;

/** Entries in equal states as one, where their packets or their shares allow it. Order is kept. */
export function mergeEntries(parts: MergeParts, entries: readonly Entry[]): readonly Entry[] {
  if (entries.length < 2) return entries;
  if (entries.length < MANY) return mergeAlike(parts, entries);
  const groups = groupBy(entries, ({ state }) => stateKey(state));
  return groups.size === entries.length ? entries : [...groups.values()].flatMap((group) => mergeAlike(parts, group));
}

/** Fewer are let be, in the order of the rules: examples are taken from the first. */
const MANY_ENDED = 64;

/** Packets to which the same was done at last, as one where there are at least so many; who did it counts, the way there does not. */
export function mergeEnded(parts: MergeParts, all: readonly Ended[], least: number = MANY_ENDED): readonly Ended[] {
  if (all.length < least) return all;
  const groups = groupBy(
    all,
    ({ verdict, owner, unknown, policyOf }) => `${verdict} ${owner ?? ''} ${unknown?.id ?? ''} ${policyOf?.line ?? ''}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length === 1) return group;
    const { verdict, owner, unknown, policyOf } = first;
    return mergeEntries(parts, group).map((entry) => ({ ...entry, verdict, owner, unknown, policyOf }));
  });
}

function mergeAlike(parts: MergeParts, entries: readonly Entry[]): readonly Entry[] {
  if (entries.length < 2) return entries;
  const result: Entry[] = [];
  for (const entry of entries) {
    const at = result.findIndex((other) => joins(parts, other, entry));
    const other = result[at];
    if (other === undefined) result.push(entry);
    else result[at] = joined(parts, other, entry);
  }
  return result;
}

/** Chances add up where the packets are the same; packets join where the chance is the same and none is in both. */
function joins({ diagrams }: MergeParts, a: Entry, b: Entry): boolean {
  if (a.packets !== b.packets && a.share !== b.share) return false;
  return sameState(a.state, b.state) && (a.packets === b.packets || !diagrams.meets(a.packets, b.packets));
}

function joined({ diagrams, shares }: MergeParts, a: Entry, b: Entry): Entry {
  if (a.packets === b.packets) return { ...a, share: shares.plus(a.share, b.share) };
  return { ...a, packets: diagrams.or(a.packets, b.packets) };
}

/** Different states may have one key, equal ones have. */
export function stateKey(state: PacketState): string {
  const { mark, connmark, translation, served, natOwner, source, sourceOwner, passedBy, remembered, stray } = state;
  return [
    mark,
    connmark,
    translation?.text,
    served?.key,
    natOwner,
    source,
    sourceOwner,
    passedBy,
    stray,
    ...remembered,
  ].join(' ');
}
