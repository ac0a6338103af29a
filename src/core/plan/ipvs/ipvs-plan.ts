import { virtualServerKey } from '../../ruleset/virtual-server.ts';
import { compareStrings } from '../../util/order.ts';
import { itemKey, type IpvsItem } from './ipvs-item.ts';

/** What would change in a node's virtual servers, sets and addresses, as a value. Sorted as `compareChanges` says. */
export interface IpvsPlan {
  readonly changes: readonly IpvsChange[];
  /** What a person should know, and no change. */
  readonly notes: readonly string[];
}

/** One item that comes (no `previous`), goes (no `next`) or gets another value. One of the two is there, and both have one key. */
export interface IpvsChange {
  readonly previous: IpvsItem | undefined;
  readonly next: IpvsItem | undefined;
  /** `namespace/name:port` of the service port it is for, where that is known: nothing in IPVS tells. */
  readonly service?: string | undefined;
  /** One line, for people. */
  readonly reason: string;
}

export function itemOf({ previous, next }: IpvsChange): IpvsItem {
  const item = next ?? previous;
  if (item === undefined) throw new Error('a change of nothing');
  return item;
}

export function changeKey(change: IpvsChange): string {
  return itemKey(itemOf(change));
}

/** Timeouts, the link, addresses, sets with their members, virtual servers with their real servers; by name. */
export function compareChanges(a: IpvsChange, b: IpvsChange): number {
  const [left, right] = [placeOf(itemOf(a)), placeOf(itemOf(b))];
  for (const [i, text] of left.entries()) {
    const order = compareStrings(text, right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function placeOf(item: IpvsItem): readonly [string, string, string] {
  switch (item.object) {
    case 'timeouts':
      return ['0', '', ''];
    case 'link':
      return ['1', '', ''];
    case 'address':
      return ['2', item.name, ''];
    case 'set':
      return ['3', item.name, ''];
    case 'member':
      return ['3', item.set, item.name];
    case 'virtual-server':
      return ['4', item.name, ''];
    case 'real-server':
      return ['4', virtualServerKey({ address: item.server }), item.name];
  }
}
