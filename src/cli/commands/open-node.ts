import { access } from 'node:fs/promises';
import { hostRunner, withOwnProcessGroups, withTimeout, type CommandRunner } from '../../host/exec.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { chooseVariant } from '../../host/iptables/choose-variant.ts';
import type { Variant } from '../../host/iptables/tools.ts';
import { canTestBesideRestore } from '../../host/iptables/restore.ts';
import type { KubeIpvs } from '../../host/ipvs/kube-ipvs.ts';
import { openKubeIpvs } from '../../host/ipvs/open-kube-ipvs.ts';
import { LockKeeper } from '../../host/lock-keeper.ts';
import { describeErrno } from '../../host/sources/errno.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../host/network-namespace.ts';
import type { NodeFlags } from '../options/node-options.ts';

export interface OpenNode {
  readonly namespace: NetworkNamespace;
  /** Its commands do not get the terminal's Ctrl-C: what that ends, guardInterrupts decides. */
  readonly runner: CommandRunner;
  /** For the lock that those commands are to share. */
  readonly lockKeeper: LockKeeper;
  readonly variant: Variant;
  /** Those that the kernel has. */
  readonly families: readonly IpFamily[];
  readonly timeoutMs: number;
  readonly lockSeconds: number;
  /** See `canTestBesideRestore`. */
  readonly testsBeside: boolean;
  /** What speaks to IPVS there; made when it is first asked for. */
  readonly kubeIpvs: () => KubeIpvs;
}

/** The node, or network namespace, that the options name. */
export async function openNode(flags: NodeFlags, families: readonly IpFamily[]): Promise<OpenNode> {
  const timeoutMs = flags.commandTimeout * 1000;
  const lockKeeper = new LockKeeper();
  const commands = withOwnProcessGroups(lockKeeper.runner(withTimeout(hostRunner, timeoutMs)));
  const namespace = await openNetworkNamespace(commands, flags.netns);
  const { runner } = namespace;
  const present = (await hasIpv6()) ? families : families.filter((family) => family === 'ipv4');
  const variant =
    flags.variant === 'auto'
      ? await chooseVariant(runner, { families: present, timeoutMs, netns: flags.netns })
      : flags.variant;
  const lockSeconds = flags.lockTimeout;
  const testsBeside = await canTestBesideRestore(runner, variant);
  let kube: KubeIpvs | undefined;
  const kubeIpvs = (): KubeIpvs =>
    (kube ??= openKubeIpvs(flags.executor ?? 'auto', { runner, namespacePath: namespace.path, timeoutMs }));
  return { namespace, runner, lockKeeper, variant, families: present, timeoutMs, lockSeconds, testsBeside, kubeIpvs };
}

/** The file is there if the kernel speaks IPv6 at all: then it is in every namespace, whether or not that has an address. */
async function hasIpv6(): Promise<boolean> {
  try {
    await access('/proc/self/net/if_inet6');
    return true;
  } catch (error) {
    if (describeErrno(error).code === 'ENOENT') return false;
    throw error;
  }
}
