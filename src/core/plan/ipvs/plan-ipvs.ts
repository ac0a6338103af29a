// What to change in virtual servers, sets and addresses so that a node does what the compiled rules need; and, where they need none of it, to
// remove all that the ipvs mode has left.
import type { Cidr, IpFamily } from '../../model/ip.ts';
import type { CompiledRules } from '../../ruleset/compiled-rules.ts';
import { virtualServerKey } from '../../ruleset/virtual-server.ts';
import { isKubeProxySet } from '../cleanup/kube-sets.ts';
import { sameItem } from './compare-ipvs.ts';
import { changeReason } from './change-reason.ts';
import { ownerOf, stateItems, type IpvsItem } from './ipvs-item.ts';
import { compareChanges, type IpvsChange, type IpvsPlan } from './ipvs-plan.ts';
import type { IpvsState } from './ipvs-state.ts';
import { isPlannedIp, ownServers } from './own-servers.ts';
import { referencesLeft, type RulesPlan } from './references-left.ts';
import { fits } from './set-shape.ts';
import { wantedItems, type WantedItem } from './wanted-items.ts';

/**
 * @param desired of the families that are planned for: what is of others stays as it is
 * @param rules the plans of these families, and what they were made of: they say which sets nothing refers to any more
 */
export function planIpvs(current: IpvsState, desired: readonly CompiledRules[], rules: readonly RulesPlan[]): IpvsPlan {
  const compiled = desired.flatMap(({ ipvs }) => ipvs ?? []);
  const wanted = wantedItems(compiled, current.timeouts);
  const families = new Set(desired.map(({ family }) => family));
  const scope = { families, excluded: compiled.flatMap(({ excludeCidrs }) => excludeCidrs) };
  const notes: string[] = [];
  const own = ownItems(current, wanted, scope);
  const staying = keptSets(current, wanted, rules, notes);
  const changes: IpvsChange[] = [];
  for (const [key, { item, service }] of wanted) {
    const there = own.get(key);
    if (item.object === 'set' && there?.object === 'set' && fits(there.value, item.value)) continue;
    if (!sameItem(there, item)) {
      changes.push({ previous: there, next: item, service, reason: changeReason(there, item) });
    }
  }
  const serviceOf = (item: IpvsItem): string | undefined => wanted.get(`virtual-server  ${ownerOf(item)}`)?.service;
  for (const [key, item] of own) {
    if (wanted.has(key) || (item.object === 'set' && staying.has(item.name))) continue;
    if (item.object === 'member' && staying.has(item.set)) continue;
    changes.push({ previous: item, next: undefined, service: serviceOf(item), reason: 'nothing needs it any more' });
  }
  return { changes: withKeptLink(changes.sort(compareChanges), current), notes };
}

interface Scope {
  readonly families: ReadonlySet<IpFamily>;
  readonly excluded: readonly Cidr[];
}

/** What of the node's items may go: kube-proxy's own, of the families that are planned for. What is wanted is among them, whosever it was. */
function ownItems(
  current: IpvsState,
  wanted: ReadonlyMap<string, WantedItem>,
  { families, excluded }: Scope,
): ReadonlyMap<string, IpvsItem> {
  const isOwn = ownServers(current);
  const servers = current.virtualServers.filter((server) => {
    if (wanted.has(`virtual-server  ${virtualServerKey(server)}`)) return true;
    const { address } = server;
    return address.kind === 'address' && isOwn(server) && isPlannedIp(address.ip, families, excluded);
  });
  const isWantedAddress = (text: string): boolean => wanted.has(`address  ${text}`);
  const addresses = current.addresses?.filter((ip) => isWantedAddress(ip.text) || isPlannedIp(ip, families, excluded));
  const sets = current.sets.filter(({ name }) => isKubeProxySet(name) && families.has(familyOfSet(name)));
  const timeouts = wanted.has('timeouts  timeouts') ? current.timeouts : undefined;
  return stateItems({ virtualServers: servers, addresses, sets, timeouts });
}

function familyOfSet(name: string): IpFamily {
  return name.startsWith('KUBE-6-') ? 'ipv6' : 'ipv4';
}

/** Sets that nothing of ours needs and that rules or sets of somebody else refer to. */
function keptSets(
  { sets }: IpvsState,
  wanted: ReadonlyMap<string, WantedItem>,
  rules: readonly RulesPlan[],
  notes: string[],
): ReadonlySet<string> {
  const stale = sets.filter(({ name }) => !wanted.has(`set  ${name}`));
  const left = stale.length === 0 ? (): number => 0 : referencesLeft(rules);
  const kept = stale.filter((set) => left(set) > 0);
  for (const set of kept) {
    const count = left(set);
    const others = count === 1 ? 'other rule or set refers' : 'other rules or sets refer';
    notes.push(`the ipset ${set.name} stays: ${count} ${others} to it`);
  }
  return new Set(kept.map(({ name }) => name));
}

/** Addresses of another family, or of excludeCIDRs, need the link; nothing else is to be said of it. */
function withKeptLink(changes: readonly IpvsChange[], { addresses }: IpvsState): readonly IpvsChange[] {
  const goes = ({ previous, next }: IpvsChange, object: IpvsItem['object']): boolean =>
    next === undefined && previous?.object === object;
  const going = changes.filter((change) => goes(change, 'address')).length;
  if (going === (addresses?.length ?? 0)) return changes;
  return changes.filter((change) => !goes(change, 'link'));
}
