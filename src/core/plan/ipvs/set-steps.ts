import type { IpSet, IpSetEntry } from '../../ruleset/ip-set.ts';
import { memberItem, type MemberItem } from './ipvs-item.ts';
import type { IpvsPlan } from './ipvs-plan.ts';
import type { IpvsState } from './ipvs-state.ts';
import type { IpvsStep } from './ipvs-steps.ts';

/** The steps of a plan that are about sets, by when they are right. */
export interface SetSteps {
  readonly create: readonly IpvsStep[];
  /** Members that must be there before anything can come in. */
  readonly early: readonly IpvsStep[];
  /** Members that let packets through to an address. */
  readonly gates: readonly IpvsStep[];
  readonly closing: readonly IpvsStep[];
  readonly late: readonly IpvsStep[];
  readonly destroy: readonly IpvsStep[];
}

/**
 * KUBE-IPVS-FILTER refuses new connections to addresses of kube-ipvs0 but for what is in one of these: a Service that comes opens last,
 * and one that goes closes first.
 */
const GATES = /^KUBE-(?:6-)?(?:CLUSTER-IP|LOAD-BALANCER|EXTERNAL-IP|EXTERNAL-IP-LOCAL)$/;
/** Drops what no source range of its address lets in: those are in sets of their own, which come before it and go after it. */
const GUARD = /^KUBE-(?:6-)?LOAD-BALANCER-FW$/;

export function setSteps(plan: IpvsPlan, state: IpvsState): SetSteps {
  const { created, replaced, destroyed } = wholeSets(plan, state);
  const whole = new Set([...created, ...replaced].map(({ name }) => name).concat(destroyed));
  const known = new Map(state.sets.map((set) => [set.name, set]));
  const members = (kind: 'add-members' | 'delete-members', counts: (set: string) => boolean): readonly IpvsStep[] =>
    [...membersBySet(plan, kind)].flatMap(([name, entries]): readonly IpvsStep[] => {
      const set = known.get(name);
      return set === undefined || whole.has(name) || !counts(name) ? [] : [{ kind, set: headOf(set), entries }];
    });
  const isGate = (name: string): boolean => GATES.test(name);
  const isGuard = (name: string): boolean => GUARD.test(name);
  const isOther = (name: string): boolean => !isGate(name) && !isGuard(name);
  return {
    create: created.length === 0 ? [] : [{ kind: 'create-sets', sets: created }],
    early: [
      ...replaced.map((set) => ({ kind: 'replace-set', set }) as const),
      ...members('add-members', isOther),
      ...members('add-members', isGuard),
    ],
    gates: members('add-members', isGate),
    closing: members('delete-members', isGate),
    late: [...members('delete-members', isGuard), ...members('delete-members', isOther)],
    destroy: destroyed.length === 0 ? [] : [{ kind: 'destroy-sets', names: destroyed }],
  };
}

function headOf({ name, type, family }: IpSet): Pick<IpSet, 'name' | 'type' | 'family'> {
  return { name, type, family };
}

function membersBySet(
  { changes }: IpvsPlan,
  kind: 'add-members' | 'delete-members',
): ReadonlyMap<string, readonly IpSetEntry[]> {
  const sets = new Map<string, IpSetEntry[]>();
  for (const { previous, next } of changes) {
    const item = kind === 'add-members' ? next : next === undefined ? previous : undefined;
    if (item?.object !== 'member') continue;
    const entries = sets.get(item.set);
    if (entries === undefined) sets.set(item.set, [item.entry]);
    else entries.push(item.entry);
  }
  return sets;
}

interface WholeSets {
  /** With their members. */
  readonly created: readonly IpSet[];
  readonly replaced: readonly IpSet[];
  readonly destroyed: readonly string[];
}

function wholeSets(plan: IpvsPlan, state: IpvsState): WholeSets {
  const created: IpSet[] = [];
  const replaced: IpSet[] = [];
  const destroyed: string[] = [];
  for (const { previous, next } of plan.changes) {
    if (next?.object === 'set') {
      const { name, value } = next;
      const entries = membersAfter(plan, state, name);
      const set: IpSet = { name, netmask: undefined, ...value, entries };
      if (previous === undefined) created.push(set);
      else replaced.push(set);
    } else if (next === undefined && previous?.object === 'set') destroyed.push(previous.name);
  }
  return { created, replaced, destroyed };
}

function membersAfter({ changes }: IpvsPlan, { sets }: IpvsState, name: string): readonly IpSetEntry[] {
  const there = sets.find((set) => set.name === name);
  const members = new Map<string, MemberItem>();
  for (const entry of there?.entries ?? []) {
    const item = memberItem(there ?? { name, family: 'ipv4' }, entry);
    members.set(item.name, item);
  }
  for (const { previous, next } of changes) {
    if (next?.object === 'member' && next.set === name) members.set(next.name, next);
    else if (previous?.object === 'member' && previous.set === name) members.delete(previous.name);
  }
  return [...members.values()].map(({ entry }) => entry);
}
