import { parseIpvsadm } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import { serviceText } from '../../core/render/virtual-server-text.ts';
import { IPVS_LINK } from '../../core/ruleset/compiled-rules.ts';
import type { IpSet as FilledSet } from '../../core/ruleset/ip-set.ts';
import type { VirtualAddress } from '../../core/ruleset/virtual-server.ts';
import { filledSet } from '../ipset/netlink-sets.ts';
import { isAbsent, type KernelSockets } from '../ipvs/kernel-sockets.ts';
import { addressOfKey, keyOfAddress } from '../ipvs/netlink-server.ts';
import { serviceAddresses } from '../ipvs/service-addresses.ts';
import { IPSET_ERR } from '../netlink/ipset/constants.ts';
import { destroySet, listSetHeaders, listSets } from '../netlink/ipset/sets.ts';
import { changeIpvs, listServices } from '../netlink/ipvs/ipvs.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import { deleteLink, findLink } from '../netlink/route/links.ts';
import type { DummyLink } from './dummy-link.ts';
import type { IpSet } from './ip-sets.ts';
import type { KubeObjects, Seen } from './kube-objects.ts';
import type { VirtualServer } from './virtual-servers.ts';

/** Asks the kernel itself. */
export class NetlinkObjects implements KubeObjects {
  readonly name = 'netlink';
  readonly #sockets: KernelSockets;

  constructor(sockets: KernelSockets) {
    this.#sockets = sockets;
  }

  close(): void {
    this.#sockets.close();
  }

  async sets(): Promise<Seen<readonly IpSet[]>> {
    return seenByNetlink(() =>
      listSetHeaders(this.#sockets.sets).map(({ name, references }) => ({ name, references })),
    );
  }

  async filledSets(names: readonly string[]): Promise<readonly FilledSet[]> {
    return names.flatMap((name) => listSets(this.#sockets.sets, name).map(filledSet));
  }

  async link(): Promise<DummyLink | undefined> {
    const addresses = serviceAddresses(this.#sockets.route);
    return addresses === undefined ? undefined : { addresses: addresses.map(({ text }) => text) };
  }

  async virtualServers(): Promise<Seen<readonly VirtualServer[]>> {
    return seenByNetlink(() =>
      listServices(this.#sockets.ipvs).flatMap(({ key }) => {
        const address = addressOfKey(key);
        return address === undefined ? [] : [virtualServer(address)];
      }),
    );
  }

  async deleteVirtualServer({ option, place }: VirtualServer): Promise<void> {
    const [server] = parseIpvsadm(`-A ${option} ${place}`).table.virtualServers;
    if (server === undefined) throw new Error(`${option} ${place} is no virtual server`);
    const key = keyOfAddress(server.address);
    unless('ESRCH', () => changeIpvs(this.#sockets.ipvs, { kind: 'delete-service', key }));
  }

  async destroySet(name: string): Promise<boolean> {
    try {
      unless('ENOENT', () => destroySet(this.#sockets.sets, name));
      return true;
    } catch (error) {
      if (error instanceof NetlinkError && BUSY.has(error.errno)) return false;
      throw error;
    }
  }

  async deleteLink(): Promise<void> {
    const link = findLink(this.#sockets.route, IPVS_LINK);
    if (link !== undefined) unless('ENODEV', () => deleteLink(this.#sockets.route, link));
  }
}

const BUSY: ReadonlySet<number> = new Set([IPSET_ERR.BUSY, IPSET_ERR.REFERENCED]);

function virtualServer(address: VirtualAddress): VirtualServer {
  const [option = '', ...place] = serviceText(address).split(' ');
  return { option, place: place.join(' '), address: address.kind === 'mark' ? undefined : address.ip.text };
}

/** Nothing on a kernel that has not got the part. */
function seenByNetlink<T>(look: () => readonly T[]): Seen<readonly T[]> {
  try {
    return { seen: look() };
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    return isAbsent(error) ? { seen: [] } : { obstacle: error.message };
  }
}

/** Error `gone` means that there is nothing to do any more. */
function unless(gone: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof NetlinkError && error.code === gone)) throw error;
  }
}
