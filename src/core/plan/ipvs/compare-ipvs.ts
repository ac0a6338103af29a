// The plan's inverse, what is left of a plan, two ways back in one: all by comparing items.
import { itemKey, stateItems, valueText, type IpvsItem } from './ipvs-item.ts';
import { changeKey, compareChanges, type IpvsChange, type IpvsPlan } from './ipvs-plan.ts';
import type { IpvsState } from './ipvs-state.ts';

/** Whether nothing is to be done to make the one of the other. */
export function sameItem(a: IpvsItem | undefined, b: IpvsItem | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return itemKey(a) === itemKey(b) && valueText(a) === valueText(b);
}

/** The plan that takes back what `plan` did. */
export function invertIpvs({ changes }: IpvsPlan, reason: string): IpvsPlan {
  return {
    changes: changes.map(({ previous, next, service }) => ({ previous: next, next: previous, service, reason })),
    notes: [],
  };
}

/** What is still to be done so that the changes of a plan are in effect on a node that has `state`. */
export function remainingIpvs({ changes }: IpvsPlan, state: IpvsState): IpvsPlan {
  const items = stateItems(state);
  return {
    changes: changes.flatMap((change): readonly IpvsChange[] => {
      const there = items.get(changeKey(change));
      return sameItem(there, change.next) ? [] : [{ ...change, previous: there }];
    }),
    notes: [],
  };
}

/** The changes whose item is not what it was when the plan was made. */
export function staleIpvs({ changes }: IpvsPlan, state: IpvsState): readonly IpvsChange[] {
  const items = stateItems(state);
  return changes.filter((change) => !sameItem(items.get(changeKey(change)), change.previous));
}

/** The way back over both: from where `newer` starts to where `older` ends. */
export function joinIpvsWaysBack(older: IpvsPlan, newer: IpvsPlan): IpvsPlan {
  const joined = new Map(newer.changes.map((change) => [changeKey(change), change]));
  for (const change of older.changes) {
    const { previous } = joined.get(changeKey(change)) ?? change;
    joined.set(changeKey(change), { ...change, previous });
  }
  const changes = [...joined.values()].filter(({ previous, next }) => previous !== undefined || next !== undefined);
  return { changes: changes.sort(compareChanges), notes: [] };
}
