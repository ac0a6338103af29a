import type { CommandRunner } from '../exec.ts';
import { NetlinkUnavailable } from '../netlink/koffi/load-koffi.ts';
import type { NetlinkSocket } from '../netlink/request.ts';
import { openNetlinkSocket } from '../netlink/open-socket.ts';
import { KernelSockets, type OpenSocket } from './kernel-sockets.ts';
import type { ExecutorName, KubeIpvs } from './kube-ipvs.ts';
import { NetlinkExecutor } from './netlink-executor.ts';
import { ToolsExecutor } from './tools-executor.ts';

export interface KubeIpvsOptions {
  /** Commands in the network namespace. */
  readonly runner: CommandRunner;
  /** A file that stands for the namespace; undefined for this process's own. */
  readonly namespacePath: string | undefined;
  /** For one command. */
  readonly timeoutMs: number;
}

/** `auto` is netlink where this process can speak it, and the tools elsewhere. Throws NetlinkUnavailable for `netlink` where it cannot. */
export function openKubeIpvs(choice: ExecutorName | 'auto', options: KubeIpvsOptions): KubeIpvs {
  const { runner, namespacePath, timeoutMs } = options;
  const sockets = openNetlink(choice, namespacePath);
  return sockets === undefined ? new ToolsExecutor(runner, { timeoutMs }) : new NetlinkExecutor(sockets);
}

/** Undefined for the tools. */
export function openNetlink(
  choice: ExecutorName | 'auto',
  namespacePath: string | undefined,
): KernelSockets | undefined {
  if (choice === 'tools') return undefined;
  const open: OpenSocket = (protocol) => openNetlinkSocket(protocol, { namespacePath });
  try {
    // At once, so that a machine without the library is found out here.
    return new KernelSockets(reusing(open, open('route')));
  } catch (error) {
    if (choice === 'auto' && error instanceof NetlinkUnavailable) return undefined;
    throw error;
  }
}

/** Hands the one that is open out first. */
function reusing(open: OpenSocket, route: NetlinkSocket): OpenSocket {
  let spare: NetlinkSocket | undefined = route;
  return (protocol) => {
    if (protocol !== 'route' || spare === undefined) return open(protocol);
    const socket = spare;
    spare = undefined;
    return socket;
  };
}
