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
import type { IpSets } from '../netlink/ipset/request.ts';
import { findIpSets } from '../netlink/ipset/sets.ts';
import {
  changeIpvsInBulk,
  findIpvs,
  getTimeouts,
  listDestinations,
  listServices,
  setTimeouts,
  type Ipvs,
  type IpvsChange,
} from '../netlink/ipvs/ipvs.ts';
import type { NetlinkProtocol } from '../netlink/codec/netlink-header.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import type { NetlinkSocket } from '../netlink/request.ts';
import { addAddresses, deleteAddresses, listAddresses } from '../netlink/route/addresses.ts';
import { createDummyLink, deleteLink, findLink, type Link } from '../netlink/route/links.ts';
import type { KubeIpvs, OpenConnections } from './kube-ipvs.ts';
import {
  addressOfKey,
  destinationOf,
  keyOfAddress,
  realServerOf,
  serviceOf,
  settingsOfService,
} from './netlink-server.ts';

/** Opens a socket in the network namespace; throws HostError. */
export type OpenSocket = (protocol: NetlinkProtocol) => NetlinkSocket;

/** Speaks to the kernel itself. Sockets are opened when they are needed. */
export class NetlinkExecutor implements KubeIpvs {
  readonly name = 'netlink';
  readonly #open: OpenSocket;
  readonly #sockets = new Map<NetlinkProtocol, NetlinkSocket>();
  #ipvs: Ipvs | undefined;
  #sets: IpSets | undefined;

  constructor(open: OpenSocket) {
    this.#open = open;
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    this.#ipvs = undefined;
    this.#sets = undefined;
  }

  async hasLink(): Promise<boolean> {
    return findLink(this.#socket('route'), IPVS_LINK) !== undefined;
  }

  async observe(needed: boolean): Promise<IpvsState> {
    const ipvs = unlessAbsent(() => this.#findIpvs(), needed, 'IPVS (module ip_vs)');
    const sets = unlessAbsent(() => this.#findSets(), needed, 'ipset (module ip_set)');
    return {
      virtualServers: ipvs === undefined ? [] : observeServers(ipvs),
      sets: sets === undefined ? [] : observeSets(sets),
      addresses: this.#addresses(),
      timeouts: ipvs === undefined ? undefined : getTimeouts(ipvs),
    };
  }

  #addresses(): readonly Ip[] | undefined {
    const link = findLink(this.#socket('route'), IPVS_LINK);
    if (link === undefined) return undefined;
    return listAddresses(this.#socket('route'), link).flatMap(({ ip }) => (isLinkLocal(ip) ? [] : [ip]));
  }

  async connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]> {
    const known = new Map<string, ReadonlyMap<string, OpenConnections>>();
    return of.map(({ address, ip, port }) => {
      const server = virtualServerKey({ address });
      const found = known.get(server) ?? connectionsOf(this.#findIpvs(), address);
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
        return setTimeouts(this.#findIpvs(), step.timeouts);
      case 'create-sets':
        for (const set of step.sets) createFilledSet(this.#findSets(), set);
        return;
      case 'replace-set':
        return await replaceSet(this.#findSets(), step.set);
      case 'add-members':
        return addMembers(this.#findSets(), step.set, step.entries);
      case 'delete-members':
        return deleteMembers(this.#findSets(), step.set, step.entries);
      case 'destroy-sets':
        for (const name of step.names) await destroyFreeSet(this.#findSets(), name);
        return;
      case 'create-link':
        return createDummyLink(this.#socket('route'), IPVS_LINK);
      case 'delete-link':
        return deleteLink(this.#socket('route'), this.#link());
      case 'add-addresses':
        return refuse(addAddresses(this.#socket('route'), this.#link(), step.addresses.map(hostAddress)), 'EEXIST');
      case 'delete-addresses': {
        const failures = deleteAddresses(this.#socket('route'), this.#link(), step.addresses.map(hostAddress));
        return refuse(failures, 'EADDRNOTAVAIL');
      }
      case 'change-servers':
        return refuse(changeIpvsInBulk(this.#findIpvs(), step.changes.map(netlinkChange)));
    }
  }

  #link(): Link {
    const link = findLink(this.#socket('route'), IPVS_LINK);
    if (link === undefined) throw new HostError(`there is no link ${IPVS_LINK} any more`);
    return link;
  }

  #findIpvs(): Ipvs {
    return (this.#ipvs ??= findIpvs(this.#socket('generic')));
  }

  #findSets(): IpSets {
    return (this.#sets ??= findIpSets(this.#socket('netfilter')));
  }

  #socket(protocol: NetlinkProtocol): NetlinkSocket {
    const socket = this.#sockets.get(protocol) ?? this.#open(protocol);
    this.#sockets.set(protocol, socket);
    return socket;
  }
}

/** What the kernel answers for a part that it has not got. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'EINVAL', 'EPROTONOSUPPORT']);

function unlessAbsent<T>(find: () => T, needed: boolean, what: string): T | undefined {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof NetlinkError && ABSENT.has(error.code))) throw error;
    if (!needed) return undefined;
    throw new HostError(`this kernel has no ${what}, which the ipvs mode needs`, {
      details: [error.message],
      advice: 'load the module, or use --mode iptables',
      cause: error,
    });
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

/** The kernel gives every link that is up one of these, which is no Service's. */
function isLinkLocal({ family, text }: Ip): boolean {
  return family === 'ipv6' && text.startsWith('fe80:');
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
