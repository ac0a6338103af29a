import { openNetlink, type KubeIpvsOptions } from '../ipvs/open-kube-ipvs.ts';
import type { ExecutorName } from '../ipvs/kube-ipvs.ts';
import type { KubeObjects } from './kube-objects.ts';
import { NetlinkObjects } from './netlink-objects.ts';
import { ToolsObjects } from './tools-objects.ts';

/** Chosen as `openKubeIpvs` does. Throws NetlinkUnavailable. */
export function openKubeObjects(choice: ExecutorName | 'auto', options: KubeIpvsOptions): KubeObjects {
  const sockets = openNetlink(choice, options.namespacePath);
  return sockets === undefined
    ? new ToolsObjects(options.runner, { timeoutMs: options.timeoutMs })
    : new NetlinkObjects(sockets);
}
