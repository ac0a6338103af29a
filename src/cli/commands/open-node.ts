import { CommandFailed, hostRunner, type CommandRunner } from '../../host/exec.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { chooseVariant } from '../../host/iptables/choose-variant.ts';
import type { Variant } from '../../host/iptables/tools.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../host/network-namespace.ts';
import type { NodeFlags } from '../options/node-options.ts';

export interface OpenNode {
  readonly namespace: NetworkNamespace;
  readonly runner: CommandRunner;
  readonly variant: Variant;
  /** Those that the kernel has. */
  readonly families: readonly IpFamily[];
  readonly timeoutMs: number;
  readonly lockSeconds: number;
}

/** The node, or network namespace, that the options name. */
export async function openNode(flags: NodeFlags, families: readonly IpFamily[]): Promise<OpenNode> {
  const namespace = await openNetworkNamespace(hostRunner, flags.netns);
  const { runner } = namespace;
  const timeoutMs = flags.commandTimeout * 1000;
  const present = (await hasIpv6(runner)) ? families : families.filter((family) => family === 'ipv4');
  const variant =
    flags.variant === 'auto' ? await chooseVariant(runner, { families: present, timeoutMs }) : flags.variant;
  return { namespace, runner, variant, families: present, timeoutMs, lockSeconds: flags.lockTimeout };
}

/** The file is there if the kernel speaks IPv6 at all, whether or not the namespace has an address. */
async function hasIpv6(runner: CommandRunner): Promise<boolean> {
  try {
    await runner.run('cat', ['/proc/net/if_inet6'], { discardOutput: true });
    return true;
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === 1) return false;
    throw error;
  }
}
