import { hasErrors } from '../../core/diag/diagnostic.ts';
import type { IpvsTimeouts } from '../../core/model/proxy-config.ts';
import { parseIpvsadm } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import { readListedServer, readListedService } from '../../core/parse/ipvsadm/read-listing.ts';
import { failed } from '../../core/parse/ipvsadm/read-parts.ts';
import type { ServerSettings } from '../../core/plan/ipvs/ipvs-item.ts';
import type { ServerChange } from '../../core/plan/ipvs/ipvs-steps.ts';
import { serviceText, virtualServerText } from '../../core/render/virtual-server-text.ts';
import {
  ipvsEndpointText,
  realServerKey,
  virtualServerKey,
  type VirtualServer,
} from '../../core/ruleset/virtual-server.ts';
import type { ToolOptions } from '../cleanup/ip-sets.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { countServers } from './count-servers.ts';
import type { OpenConnections } from './kube-ipvs.ts';

/** What ipvsadm prints has to be as many as the kernel counts: a listing may be cut off, and look like less. */
export async function observeServersByTool(
  runner: CommandRunner,
  options: ToolOptions,
): Promise<readonly VirtualServer[]> {
  const servers = await listServersByTool(runner, options);
  const counts = await countServers(runner);
  const real = servers.reduce((sum, { realServers }) => sum + realServers.length, 0);
  if (counts === undefined || (counts.virtual === servers.length && counts.real === real)) return servers;
  throw new HostError(
    `ipvsadm -Sn prints ${servers.length} virtual servers with ${real} real servers, ` +
      `and /proc/net/ip_vs has ${counts.virtual} with ${counts.real}`,
    { advice: 'another program may be changing them: is kube-proxy still running?' },
  );
}

async function listServersByTool(runner: CommandRunner, options: ToolOptions): Promise<readonly VirtualServer[]> {
  const { stdout } = await runner.run('ipvsadm', ['-S', '-n'], options);
  const { table, diagnostics } = parseIpvsadm(stdout, { file: 'ipvsadm -Sn' });
  if (hasErrors(diagnostics)) {
    throw new HostError('ipvsadm -Sn prints something that cannot be read; nothing was changed', {
      details: diagnostics.slice(0, 5).map(({ message }) => message),
    });
  }
  return table.virtualServers;
}

/** `Timeout (tcp tcpfin udp): 900 120 300` */
export async function timeoutsByTool(runner: CommandRunner, options: ToolOptions): Promise<IpvsTimeouts> {
  const { stdout } = await runner.run('ipvsadm', ['-L', '--timeout'], options);
  const [tcp, tcpFin, udp] = (/: (\d+) (\d+) (\d+)$/m.exec(stdout) ?? []).slice(1).map(Number);
  if (tcp === undefined || tcpFin === undefined || udp === undefined) {
    throw new HostError('ipvsadm -L --timeout does not say the timeouts');
  }
  return { tcp, tcpFin, udp };
}

/** By virtual and real server: `tcp 10.96.0.1:80 10.244.0.7:8080`. */
export async function connectionsByTool(
  runner: CommandRunner,
  options: ToolOptions,
): Promise<ReadonlyMap<string, OpenConnections>> {
  const { stdout } = await runner.run('ipvsadm', ['-L', '-n'], options);
  const found = new Map<string, OpenConnections>();
  let server = '';
  for (const line of stdout.split('\n')) {
    const [real, service] = [readListedServer(line), readListedService(line.trimEnd())];
    if (service !== undefined && !failed(service)) server = virtualServerKey(service.value);
    if (real === undefined || failed(real)) continue;
    const [active = 0, inactive = 0] = line.trim().split(/\s+/).slice(-2).map(Number);
    found.set(`${server} ${realServerKey(real.value)}`, { active, inactive });
  }
  return found;
}

/** A line for `ipvsadm -R`. */
export function changeLine(change: ServerChange): string {
  const { address } = change;
  switch (change.kind) {
    case 'add-server':
      return serverLine(change.settings, change);
    case 'edit-server':
      return serverLine(change.settings, change).replace(/^-A/, '-E');
    case 'delete-server':
      return `-D ${serviceText(address)}`;
    case 'add-real-server':
      return realServerLine(change);
    case 'edit-real-server':
      return realServerLine(change).replace(/^-a/, '-e');
    case 'delete-real-server':
      return `-d ${serviceText(address)} -r ${ipvsEndpointText(change.realServer.ip, change.realServer.port)}`;
  }
}

function serverLine(settings: ServerSettings, { address }: Pick<ServerChange, 'address'>): string {
  return virtualServerText({ ...settings, address, realServers: [] }).trimEnd();
}

function realServerLine({ address, realServer }: Extract<ServerChange, { readonly realServer: unknown }>): string {
  const settings = { schedulerFlags: [], persistence: undefined, persistenceEngine: undefined, onePacket: false };
  const text = virtualServerText({ ...settings, scheduler: 'rr', address, realServers: [realServer] });
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/**
 * ipvsadm 1.31 goes on behind a line that the kernel refuses, ends with the status of the last one, and does not say which line it was: so
 * whatever it says is an error, and the kernel is asked which change is not in effect.
 */
export async function changeServersByTool(
  runner: CommandRunner,
  changes: readonly ServerChange[],
  options: ToolOptions,
): Promise<void> {
  const input = changes.map((change) => `${changeLine(change)}\n`).join('');
  const said = await complaints(runner, input, options);
  if (said === '') return;
  const there = await listServersByTool(runner, options);
  const refused = changes.filter((change) => !isInEffect(change, there));
  const [first] = refused;
  const line = first === undefined ? '-R' : changeLine(first);
  const details = refused.slice(1, 5).map((change) => `and ipvsadm ${changeLine(change)}`);
  throw new HostError(`ipvsadm ${line}: ${said.split('\n')[0] ?? ''}`, { details });
}

/** What ipvsadm says of its input; a program that was ended, or did not start, rejects. */
async function complaints(runner: CommandRunner, input: string, options: ToolOptions): Promise<string> {
  try {
    return (await runner.run('ipvsadm', ['-R'], { ...options, input, ownProcessGroup: true })).stderr.trim();
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === 255 && error.stderr.trim() !== '')
      return error.stderr.trim();
    throw error;
  }
}

function isInEffect(change: ServerChange, servers: readonly VirtualServer[]): boolean {
  const key = virtualServerKey(change);
  const server = servers.find((one) => virtualServerKey(one) === key);
  switch (change.kind) {
    case 'delete-server':
      return server === undefined;
    case 'add-server':
    case 'edit-server':
      return server !== undefined && serverLine(server, server) === serverLine(change.settings, change);
    case 'delete-real-server':
    case 'add-real-server':
    case 'edit-real-server': {
      const real = server?.realServers.find((one) => realServerKey(one) === realServerKey(change.realServer));
      if (change.kind === 'delete-real-server') return real === undefined;
      return real !== undefined && realServerLine({ ...change, realServer: real }) === realServerLine(change);
    }
  }
}
