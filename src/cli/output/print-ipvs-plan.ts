import { itemOf, type IpvsPlan } from '../../core/plan/ipvs/ipvs-plan.ts';
import { ownerOf, type IpvsObject } from '../../core/plan/ipvs/ipvs-item.ts';
import { summarizeIpvs, type IpvsSummaryItem } from '../../core/plan/ipvs/summarize-ipvs.ts';
import { countOf } from '../../core/plan/summary/summary.ts';
import type { ChangeSign, Paint } from './colors.ts';
import { plainText } from './plain-text.ts';

const SIGNS: Readonly<Record<IpvsSummaryItem['change'], ChangeSign>> = { add: '+', remove: '-', change: '~' };
/** How many of a kind are told of one by one. */
const SHOWN = 40;
const NOUNS: Readonly<Record<IpvsSummaryItem['kind'], string>> = {
  service: 'service port',
  server: 'virtual server',
  node: 'set or link',
};

/** What changes in IPVS, by service port first. */
export function ipvsPlanLines(
  plan: IpvsPlan,
  { verbose, paint }: { readonly verbose: boolean; readonly paint: Paint },
): readonly string[] {
  if (plan.changes.length === 0) return [];
  const items = summarizeIpvs(plan);
  const groups = (['service', 'server', 'node'] as const).map((kind) => items.filter((item) => item.kind === kind));
  return ['IPVS:', ...groups.flatMap((group) => groupLines(withSetsTogether(group, verbose), verbose, paint))];
}

/** A fresh node gets seventeen sets of each family, of which there is nothing to tell but their names. */
function withSetsTogether(items: readonly IpvsSummaryItem[], verbose: boolean): readonly IpvsSummaryItem[] {
  const whole = items.filter(
    ({ kind, change, name }) => kind === 'node' && change !== 'change' && name.startsWith('KUBE-'),
  );
  if (verbose || whole.length <= 3) return items;
  const together = (['add', 'remove'] as const).flatMap((change): readonly IpvsSummaryItem[] => {
    const { length } = whole.filter((item) => item.change === change);
    const verb = change === 'add' ? 'to make' : 'to destroy';
    return length === 0
      ? []
      : [{ kind: 'node', change, name: 'ipsets', details: [`${countOf(length, 'set')} ${verb}`] }];
  });
  return [...together, ...items.filter((item) => !whole.includes(item))];
}

function groupLines(items: readonly IpvsSummaryItem[], verbose: boolean, paint: Paint): readonly string[] {
  const shown = verbose || items.length <= SHOWN ? items : items.slice(0, SHOWN);
  const rest = items.length - shown.length;
  const noun = NOUNS[items[0]?.kind ?? 'service'];
  const folded = rest === 0 ? [] : [paint.faint(`  ... and ${countOf(rest, `more ${noun}`)} (-v shows all)`)];
  return [...shown.map((item) => itemLine(item, paint)), ...folded];
}

function itemLine({ change, name, details }: IpvsSummaryItem, paint: Paint): string {
  const sign = SIGNS[change];
  return `  ${paint.change(sign, sign)} ${paint.strong(plainText(name))}: ${plainText(details.join(', '))}`;
}

/** Each item that changes, by itself: what `--diff` shows. */
export function ipvsDiffLines({ changes }: IpvsPlan, paint: Paint): readonly string[] {
  return changes.map((change) => {
    const item = itemOf(change);
    const sign = change.previous === undefined ? '+' : change.next === undefined ? '-' : '~';
    const owner = ownerOf(item);
    const place = owner === '' ? '' : ` of ${owner}`;
    const reason = sign === '~' ? `: ${change.reason}` : '';
    return paint.change(sign, plainText(`${sign}${item.object.replace('-', ' ')} ${item.name}${place}${reason}`));
  });
}

const COUNTED: readonly (readonly [IpvsObject, one: string, many: string])[] = [
  ['virtual-server', 'virtual server', 'virtual servers'],
  ['real-server', 'real server', 'real servers'],
  ['set', 'set', 'sets'],
  ['member', 'set member', 'set members'],
  ['address', 'address', 'addresses'],
  ['link', 'link', 'links'],
  ['timeouts', 'set of timeouts', 'sets of timeouts'],
];

/** `Plan for IPVS: 3 virtual servers to add, 1 to remove; 6 real servers to add` */
export function ipvsCounts({ changes }: IpvsPlan): string {
  const texts = COUNTED.flatMap(([object, one, many]) => {
    const own = changes.filter((change) => itemOf(change).object === object);
    const counts = (
      [
        [own.filter(({ previous }) => previous === undefined).length, 'add'],
        [own.filter(({ previous, next }) => previous !== undefined && next !== undefined).length, 'change'],
        [own.filter(({ next }) => next === undefined).length, 'remove'],
      ] as const
    ).filter(([count]) => count > 0);
    if (counts.length === 0) return [];
    return [counts.map(([n, verb], i) => `${n}${i > 0 ? '' : ` ${n === 1 ? one : many}`} to ${verb}`).join(', ')];
  });
  return `Plan for IPVS: ${texts.length === 0 ? 'no changes' : texts.join('; ')}`;
}
