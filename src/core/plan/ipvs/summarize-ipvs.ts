import { sortedBy } from '../../util/order.ts';
import { virtualServerKey } from '../../ruleset/virtual-server.ts';
import { countOf, listOf } from '../summary/summary.ts';
import { itemOf, type IpvsChange, type IpvsPlan } from './ipvs-plan.ts';
import type { IpvsItem } from './ipvs-item.ts';

/** `service`: a service port. `server`: a virtual server that is of none any more. `node`: sets and the link as such, timeouts. */
export interface IpvsSummaryItem {
  readonly kind: 'service' | 'server' | 'node';
  readonly change: 'add' | 'remove' | 'change';
  /** `namespace/name:port`, `tcp 10.96.0.1:80`, or the name of the set or link. */
  readonly name: string;
  /** What happens, one thing each, at least one. */
  readonly details: readonly string[];
}

const ORDER: Readonly<Record<IpvsSummaryItem['kind'], number>> = { service: 0, server: 1, node: 2 };

/** What the changes of a plan mean: by service port where one is known. Each change is told of by an item. */
export function summarizeIpvs({ changes }: IpvsPlan): readonly IpvsSummaryItem[] {
  const groups = new Map<
    string,
    { readonly kind: IpvsSummaryItem['kind']; readonly name: string; readonly changes: IpvsChange[] }
  >();
  for (const change of changes) {
    const [kind, name] = groupOf(change);
    const key = `${kind} ${name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { kind, name, changes: [change] });
    else group.changes.push(change);
  }
  const items = [...groups.values()].map(({ kind, name, changes: own }): IpvsSummaryItem => ({
    kind,
    change: signOf(own),
    name,
    details: kind === 'server' ? serverDetails(own) : detailsOf(own),
  }));
  return sortedBy(
    items,
    ({ kind }) => ORDER[kind],
    ({ name }) => name,
  );
}

function groupOf(change: IpvsChange): readonly [IpvsSummaryItem['kind'], string] {
  if (change.service !== undefined) return ['service', change.service];
  const item = itemOf(change);
  switch (item.object) {
    case 'virtual-server':
      return ['server', item.name];
    case 'real-server':
      return ['server', virtualServerKey({ address: item.server })];
    case 'member':
      return ['node', item.set];
    case 'address':
      return ['node', 'kube-ipvs0'];
    case 'set':
    case 'link':
    case 'timeouts':
      return ['node', item.name];
  }
}

/** A service port is new if all that it has is. */
function signOf(changes: readonly IpvsChange[]): IpvsSummaryItem['change'] {
  const servers = changes.filter((change) => itemOf(change).object === 'virtual-server');
  const heads = servers.length > 0 ? servers : changes.filter((change) => isHead(itemOf(change)));
  if (heads.length === 0) return 'change';
  if (changes.every(({ previous }) => previous === undefined)) return 'add';
  return changes.every(({ next }) => next === undefined) ? 'remove' : 'change';
}

function isHead({ object }: IpvsItem): boolean {
  return object === 'set' || object === 'link';
}

function detailsOf(changes: readonly IpvsChange[]): readonly string[] {
  const of = (object: IpvsItem['object'], happens: Happening): readonly string[] => [
    ...new Set(
      changes.filter((c) => itemOf(c).object === object && happeningOf(c) === happens).map((c) => itemOf(c).name),
    ),
  ];
  const told = (object: IpvsItem['object'], noun: string): readonly string[] => {
    const [added, removed] = [of(object, 'added'), of(object, 'removed')];
    return [
      ...(added.length === 0 ? [] : [`${countOf(added.length, noun)} added (${listOf(added)})`]),
      ...(removed.length === 0 ? [] : [`${countOf(removed.length, noun)} removed (${listOf(removed)})`]),
    ];
  };
  const counted = (object: IpvsItem['object'], one: string, many: string): readonly string[] => {
    const texts = (['added', 'removed'] as const).flatMap((happens) => {
      const { length } = changes.filter((c) => itemOf(c).object === object && happeningOf(c) === happens);
      return length === 0 ? [] : [`${length} ${length === 1 ? one : many} ${happens}`];
    });
    return texts;
  };
  return [
    ...wholeDetails(changes),
    ...told('virtual-server', 'virtual server'),
    ...told('real-server', 'real server'),
    ...settingsDetails(changes),
    ...counted('address', 'address', 'addresses'),
    ...counted('member', 'set member', 'set members'),
  ];
}

/** Of a virtual server that was of a service port, and now is of none or of another one. */
function serverDetails(changes: readonly IpvsChange[]): readonly string[] {
  const isWhole = changes.some((change) => itemOf(change).object === 'virtual-server' && change.next === undefined);
  if (!isWhole) return detailsOf(changes);
  const reals = changes
    .filter((change) => itemOf(change).object === 'real-server')
    .map((change) => itemOf(change).name);
  if (reals.length === 0) return ['nothing needs it any more; it has no real servers'];
  return [`nothing needs it any more, with ${countOf(reals.length, 'real server')} (${listOf(reals)})`];
}

type Happening = 'added' | 'removed' | 'changed';

function happeningOf({ previous, next }: IpvsChange): Happening {
  if (previous === undefined) return 'added';
  return next === undefined ? 'removed' : 'changed';
}

function wholeDetails(changes: readonly IpvsChange[]): readonly string[] {
  return changes.flatMap((change) => {
    const item = itemOf(change);
    if (item.object === 'link') return [change.next === undefined ? 'the link goes' : 'the link is missing'];
    if (item.object !== 'set') return [];
    if (happeningOf(change) === 'changed') return [change.reason];
    return [change.next === undefined ? 'the set goes' : 'the set is missing'];
  });
}

/** What virtual and real servers, and timeouts, have otherwise than they should; each reason once. */
function settingsDetails(changes: readonly IpvsChange[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const change of changes) {
    const { object, name } = itemOf(change);
    if (happeningOf(change) !== 'changed' || object === 'set') continue;
    const names = reasons.get(change.reason);
    if (names === undefined) reasons.set(change.reason, [name]);
    else if (!names.includes(name)) names.push(name);
  }
  return [...reasons].map(([reason, names]) => (names[0] === 'timeouts' ? reason : `${listOf(names)} ${reason}`));
}
