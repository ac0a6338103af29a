import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep, ServerChange } from '../../core/plan/ipvs/ipvs-steps.ts';
import { IPVS_LINK } from '../../core/ruleset/compiled-rules.ts';
import { realServerKey, virtualServerKey, type VirtualServer } from '../../core/ruleset/virtual-server.ts';
import { familyBits, type Ip } from '../../core/model/ip.ts';
import { HostError } from '../host-error.ts';
import {
  addMembers,
  createFilledSet,
  deleteMembers,
  destroyFreeSet,
  observeSets,
  replaceSet,
} from '../ipset/netlink-sets.ts';
import {
  changeIpvsInBulk,
  getTimeouts,
  listDestinations,
  listServices,
  setTimeouts,
  type Ipvs,
  type IpvsChange,
} from '../netlink/ipvs/ipvs.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import { addAddresses, deleteAddresses } from '../netlink/route/addresses.ts';
import { createDummyLink, deleteLink, findLink, type Link } from '../netlink/route/links.ts';
import { absentPart, IPSET_PART, IPVS_PART, type KernelPart } from './absent-part.ts';
import { isAbsent, type KernelSockets } from './kernel-sockets.ts';
import type { KubeIpvs, OpenConnections } from './kube-ipvs.ts';
import {
  addressOfKey,
  destinationOf,
  keyOfAddress,
  realServerOf,
  serviceOf,
  settingsOfService,
} from './netlink-server.ts';
import { serviceAddresses } from './service-addresses.ts';

/** Speaks to the kernel itself. */
export class NetlinkExecutor implements KubeIpvs {
  readonly name = 'netlink';
  readonly #kernel: KernelSockets;

  constructor(kernel: KernelSockets) {
    this.#kernel = kernel;
  }

  close(): void {
    this.#kernel.close();
  }

  async hasLink(): Promise<boolean> {
    return findLink(this.#kernel.route, IPVS_LINK) !== undefined;
  }

  async observe(needed: boolean): Promise<IpvsState> {
    const ipvs = unlessAbsent(() => this.#kernel.ipvs, needed, IPVS_PART);
    const sets = unlessAbsent(() => this.#kernel.sets, needed, IPSET_PART);
    return {
      virtualServers: ipvs === undefined ? [] : observeServers(ipvs),
      sets: sets === undefined ? [] : observeSets(sets),
      addresses: serviceAddresses(this.#kernel.route),
      timeouts: ipvs === undefined ? undefined : getTimeouts(ipvs),
    };
  }

  async connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]> {
    const known = new Map<string, ReadonlyMap<string, OpenConnections>>();
    return of.map(({ address, ip, port }) => {
      const server = virtualServerKey({ address });
      const found = known.get(server) ?? connectionsOf(this.#kernel.ipvs, address);
      known.set(server, found);
      return found.get(realServerKey({ ip, port }));
    });
  }

  async run(steps: readonly IpvsStep[]): Promise<void> {
    for (const step of steps) await this.#run(step);
  }

  async #run(step: IpvsStep): Promise<void> {
    switch (step.kind) {
      case 'set-timeouts':
        return setTimeouts(this.#kernel.ipvs, step.timeouts);
      case 'create-sets':
        for (const set of step.sets) createFilledSet(this.#kernel.sets, set);
        return;
      case 'replace-set':
        return await replaceSet(this.#kernel.sets, step.set);
      case 'add-members':
        return addMembers(this.#kernel.sets, step.set, step.entries);
      case 'delete-members':
        return deleteMembers(this.#kernel.sets, step.set, step.entries);
      case 'destroy-sets':
        for (const name of step.names) await destroyFreeSet(this.#kernel.sets, name);
        return;
      case 'create-link':
        return createDummyLink(this.#kernel.route, IPVS_LINK);
      case 'delete-link':
        return deleteLink(this.#kernel.route, this.#link());
      case 'add-addresses':
        return refuse(addAddresses(this.#kernel.route, this.#link(), step.addresses.map(hostAddress)), 'EEXIST');
      case 'delete-addresses': {
        const failures = deleteAddresses(this.#kernel.route, this.#link(), step.addresses.map(hostAddress));
        return refuse(failures, 'EADDRNOTAVAIL');
      }
      case 'change-servers':
        return refuse(changeIpvsInBulk(this.#kernel.ipvs, step.changes.map(netlinkChange)));
    }
  }

  #link(): Link {
    const link = findLink(this.#kernel.route, IPVS_LINK);
    if (link === undefined) throw new HostError(`there is no link ${IPVS_LINK} any more`);
    return link;
  }
}

function unlessAbsent<T>(find: () => T, needed: boolean, part: KernelPart): T | undefined {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof NetlinkError && isAbsent(error))) throw error;
    if (!needed) return undefined;
    throw absentPart(part, error);
  }
}

function observeServers(ipvs: Ipvs): readonly VirtualServer[] {
  return listServices(ipvs).flatMap((service): readonly VirtualServer[] => {
    const address = addressOfKey(service.key);
    if (address === undefined) return [];
    const realServers = listDestinations(ipvs, service.key).map(realServerOf);
    return [{ address, ...settingsOfService(service), realServers }];
  });
}

function connectionsOf(ipvs: Ipvs, address: Draining['address']): ReadonlyMap<string, OpenConnections> {
  return new Map(
    listDestinations(ipvs, keyOfAddress(address)).map((one) => [
      realServerKey(one),
      { active: one.activeConnections, inactive: one.inactiveConnections },
    ]),
  );
}

function hostAddress(ip: Ip): { readonly ip: Ip; readonly prefix: number } {
  return { ip, prefix: familyBits(ip.family) };
}

function netlinkChange(change: ServerChange): IpvsChange {
  const key = keyOfAddress(change.address);
  switch (change.kind) {
    case 'add-server':
      return { kind: 'add-service', service: serviceOf(change.address, change.settings) };
    case 'edit-server':
      return { kind: 'edit-service', service: serviceOf(change.address, change.settings) };
    case 'delete-server':
      return { kind: 'delete-service', key };
    case 'add-real-server':
      return { kind: 'add-destination', key, destination: destinationOf(change.realServer) };
    case 'edit-real-server':
      return { kind: 'edit-destination', key, destination: destinationOf(change.realServer) };
    case 'delete-real-server':
      return { kind: 'delete-destination', key, destination: change.realServer };
  }
}

/** Throws for the first that was refused, but for those that are as they should be already. */
function refuse(failures: readonly { readonly error: NetlinkError }[], harmless?: string): void {
  const errors = failures.map(({ error }) => error).filter(({ code }) => code !== harmless);
  const [first] = errors;
  if (first === undefined) return;
  if (errors.length === 1) throw first;
  const details = [`and ${errors.length - 1} more were refused: ${errors[1]?.message ?? ''}`];
  throw new HostError(first.message, { details, advice: first.advice, cause: first });
}
