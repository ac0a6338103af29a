import { parseIp, type Ip } from '../../core/model/ip.ts';
import { parseIpvsadm } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import { ownServers } from '../../core/plan/ipvs/own-servers.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import type { ToolOptions } from './ip-sets.ts';
import type { KubeObjects } from './kube-objects.ts';

/** One of IPVS, as ipvsadm(8) names it: `-t 10.96.0.1:443`, `-u [fd00::1]:53`, `--sctp-service ...`, `-f 7` for a mark. */
export interface VirtualServer {
  readonly option: string;
  readonly place: string;
  /** Canonical; undefined for a mark. */
  readonly address: string | undefined;
}

export async function listVirtualServers(
  runner: CommandRunner,
  { timeoutMs }: ToolOptions,
): Promise<readonly VirtualServer[]> {
  const { stdout } = await runner.run('ipvsadm', ['-S', '-n'], { timeoutMs });
  return [...stdout.matchAll(/^-A (-t|-u|-f|--sctp-service) (\S+)/gm)].map(([, option = '', place = '']) => ({
    option,
    place,
    address: option === '-f' ? undefined : addressOf(place),
  }));
}

/** `10.96.0.1:443`, `[fd00::1]:443` */
function addressOf(place: string): string | undefined {
  const text = /^\[?([^\]]+?)\]?:\d+$/.exec(place)?.[1];
  return text === undefined ? undefined : parseIp(text)?.text;
}

export async function deleteVirtualServer(
  runner: CommandRunner,
  { option, place }: VirtualServer,
  { timeoutMs }: ToolOptions,
): Promise<void> {
  try {
    await runner.run('ipvsadm', ['-D', option, ...place.split(' ')], { timeoutMs, ownProcessGroup: true });
  } catch (error) {
    if (!(error instanceof CommandFailed && /No such service/.test(error.stderr))) throw error;
  }
}

/** Sets that name the ports of kube-proxy's virtual servers at the node's own addresses. */
const NODE_PORTS = /^KUBE-(?:6-)?NODE-PORT-(?:TCP|UDP|SCTP-HASH)$/;

/**
 * Tells which are kube-proxy's: those at addresses of kube-ipvs0, and those at ports that its sets name as nodePorts.
 *
 * @param sets names of kube-proxy's sets that there are
 */
export async function ownVirtualServers(
  kernel: Pick<KubeObjects, 'filledSets'>,
  sets: readonly string[],
  addresses: readonly string[],
): Promise<(server: VirtualServer) => boolean> {
  const filled = await kernel.filledSets(sets.filter((set) => NODE_PORTS.test(set)));
  const isOwn = ownServers({
    virtualServers: [],
    sets: filled.map((set) => ({ ...set, references: undefined })),
    addresses: addresses.flatMap((text): Ip | readonly Ip[] => parseIp(text) ?? []),
    timeouts: undefined,
  });
  return ({ option, place }) => parseIpvsadm(`-A ${option} ${place}`).table.virtualServers.some(isOwn);
}
