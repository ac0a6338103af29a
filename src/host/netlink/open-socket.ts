import type { NetlinkProtocol } from './codec/netlink-header.ts';
import { openKoffiTransport } from './koffi/koffi-transport.ts';
import { NetlinkError } from './netlink-error.ts';
import type { NetlinkSocket } from './request.ts';
import { socketOver, type SocketOptions } from './socket.ts';
import { SocketFailed } from './transport.ts';

export interface OpenSocketOptions extends SocketOptions {
  /** A file that stands for the network namespace (/run/netns/NAME, /proc/PID/ns/net); this process's own if it is left out. */
  readonly namespacePath?: string | undefined;
}

/**
 * A conversation with the real kernel. Throws NetlinkUnavailable where koffi is missing, HostError if the namespace cannot be entered, and
 * NetlinkError for the rest. The kernel's part may still be missing: then the first request fails.
 */
export function openNetlinkSocket(protocol: NetlinkProtocol, options: OpenSocketOptions = {}): NetlinkSocket {
  try {
    return socketOver(openKoffiTransport(protocol, options), options);
  } catch (error) {
    if (!(error instanceof SocketFailed)) throw error;
    const operation = `open a netlink socket (${protocol})`;
    throw new NetlinkError({ operation, errno: error.errno, cause: error });
  }
}
