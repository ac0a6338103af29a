import { isKubeProxySet } from '../../core/plan/cleanup/kube-sets.ts';
import type { ObservedSet } from '../../core/plan/ipvs/ipvs-state.ts';
import type { IpSet, IpSetEntry } from '../../core/ruleset/ip-set.ts';
import { untilFree } from '../cleanup/until-free.ts';
import { HostError } from '../host-error.ts';
import { IPSET_ERR } from '../netlink/ipset/constants.ts';
import { addEntries, deleteEntries, type EntryFailure } from '../netlink/ipset/entries.ts';
import type { IpSets } from '../netlink/ipset/request.ts';
import { createSet, destroySet, listSetHeaders, listSets, swapSets, type ListedIpSet } from '../netlink/ipset/sets.ts';
import { isIpSetType } from '../netlink/ipset/set-types.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import { entryOfNetlink, netlinkEntry } from './netlink-entry.ts';
import { headerWords, newSetOptions } from './set-header.ts';

/** Of this name for a moment, while a set is exchanged for another one. */
export const SPARE_SET = 'chainsmith-spare';

/** kube-proxy's, with their members. Sets of others, which may have 100,000, are not read. */
export function observeSets(sets: IpSets): readonly ObservedSet[] {
  const names = listSetHeaders(sets).map(({ name }) => name);
  return names.filter(isKubeProxySet).flatMap((name) => listSets(sets, name).map(filledSet));
}

/** As the kernel lists it. */
export function filledSet({ name, type, family, options, references, entries }: ListedIpSet): ObservedSet {
  return {
    name,
    type,
    family: family ?? 'ipv4',
    netmask: options.netmask,
    header: headerWords(family, options),
    entries: entries.map(entryOfNetlink),
    references,
  };
}

export function createFilledSet(sets: IpSets, { name, type, family, header, entries }: IpSet): void {
  if (!isIpSetType(type)) throw new HostError(`the set ${name} is of the type ${type}, which chainsmith cannot make`);
  const options = newSetOptions(header);
  createSet(sets, { name, type, options, ...(type.startsWith('bitmap') ? {} : { family }) });
  addMembers(sets, { name, type }, entries);
}

export function addMembers(
  sets: IpSets,
  { name, type }: Pick<IpSet, 'name' | 'type'>,
  entries: readonly IpSetEntry[],
): void {
  const given = entries.map((entry) => netlinkEntry(entry, type));
  refuse(addEntries(sets, name, given, { exist: true, type }));
}

export function deleteMembers(
  sets: IpSets,
  { name, type }: Pick<IpSet, 'name' | 'type'>,
  entries: readonly IpSetEntry[],
): void {
  const given = entries.map((entry) => netlinkEntry(entry, type));
  refuse(deleteEntries(sets, name, given, { exist: true, type }));
}

/** A set of the same type is exchanged at one stroke; one of another type must be in nobody's use. */
export async function replaceSet(sets: IpSets, set: IpSet): Promise<void> {
  dropSpare(sets);
  const there = listSets(sets, set.name)[0];
  const isAlike = there?.type === set.type && (there.family ?? set.family) === set.family;
  if (!isAlike) {
    await destroyFreeSet(sets, set.name);
    createFilledSet(sets, set);
    return;
  }
  createFilledSet(sets, { ...set, name: SPARE_SET });
  swapSets(sets, SPARE_SET, set.name);
  destroySet(sets, SPARE_SET);
}

/** What a process that was killed has left. */
function dropSpare(sets: IpSets): void {
  if (listSetHeaders(sets).some(({ name }) => name === SPARE_SET)) destroySet(sets, SPARE_SET);
}

/** Waits for the kernel to let go of rules that are gone. */
export async function destroyFreeSet(sets: IpSets, name: string): Promise<void> {
  let refusal: NetlinkError | undefined;
  try {
    await untilFree(true)(async () => {
      try {
        destroySet(sets, name);
        return true;
      } catch (error) {
        if (!(error instanceof NetlinkError)) throw error;
        if (error.code === 'ENOENT') return true;
        refusal = error;
        if (!BUSY.has(error.errno)) throw error;
        return false;
      }
    });
  } catch (error) {
    throw refusal ?? error;
  }
}

const BUSY: ReadonlySet<number> = new Set([IPSET_ERR.BUSY, IPSET_ERR.REFERENCED]);

/** The first one that the kernel refused, by name. */
function refuse(failures: readonly EntryFailure[]): void {
  const [first] = failures;
  if (first === undefined) return;
  if (failures.length === 1) throw first.error;
  throw new HostError(first.error.message, {
    details: [`and ${failures.length - 1} more entries were refused`],
    advice: first.error.advice,
    cause: first.error,
  });
}
