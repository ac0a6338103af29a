import type { NetlinkProtocol } from '../netlink/codec/netlink-header.ts';
import type { IpSets } from '../netlink/ipset/request.ts';
import { findIpSets } from '../netlink/ipset/sets.ts';
import { findIpvs, type Ipvs } from '../netlink/ipvs/ipvs.ts';
import type { NetlinkError } from '../netlink/netlink-error.ts';
import type { NetlinkSocket } from '../netlink/request.ts';

/** Opens a socket in the network namespace; throws HostError. */
export type OpenSocket = (protocol: NetlinkProtocol) => NetlinkSocket;

/** One socket to each part of the kernel, opened when it is needed. */
export class KernelSockets {
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

  get route(): NetlinkSocket {
    return this.#socket('route');
  }

  /** Loads the module if need be. Throws NetlinkError: `isAbsent` if the kernel has no IPVS. */
  get ipvs(): Ipvs {
    return (this.#ipvs ??= findIpvs(this.#socket('generic')));
  }

  /** Loads the module if need be. Throws NetlinkError: `isAbsent` if the kernel has no ipset. */
  get sets(): IpSets {
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

/** Whether it says that the kernel has not got the part that was looked for. */
export function isAbsent({ code }: NetlinkError): boolean {
  return ABSENT.has(code);
}
