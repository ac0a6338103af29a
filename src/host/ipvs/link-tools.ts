import { hostCidrText, parseIp, type Ip } from '../../core/model/ip.ts';
import { IPVS_LINK } from '../../core/ruleset/compiled-rules.ts';
import { fieldOf } from '../../core/util/mapping.ts';
import type { ToolOptions } from '../cleanup/ip-sets.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';

/** The addresses of kube-ipvs0 but for link-local ones; undefined if there is no such link. */
export async function addressesByTool(runner: CommandRunner, options: ToolOptions): Promise<readonly Ip[] | undefined> {
  const text = await linkJson(runner, options);
  if (text === undefined) return undefined;
  const found: Ip[] = [];
  for (const link of listOf(parseJson(text))) {
    for (const address of listOf(fieldOf(link, 'addr_info'))) {
      const local = fieldOf(address, 'local');
      const ip = typeof local === 'string' ? parseIp(local) : undefined;
      if (ip !== undefined && fieldOf(address, 'scope') !== 'link') found.push(ip);
    }
  }
  return found;
}

async function linkJson(runner: CommandRunner, options: ToolOptions): Promise<string | undefined> {
  try {
    return (await runner.run('ip', ['-j', 'address', 'show', 'dev', IPVS_LINK], options)).stdout;
  } catch (error) {
    if (error instanceof CommandFailed && /does not exist|cannot find device/i.test(error.stderr)) return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HostError(`ip -j address prints what is no JSON`, { cause: error });
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** All of them by one process. */
export async function changeAddresses(
  runner: CommandRunner,
  verb: 'replace' | 'delete',
  addresses: readonly Ip[],
  options: ToolOptions,
): Promise<void> {
  // Nobody else on the network is asked whether it has an IPv6 address: that takes a second, and this link has no network.
  const lines = addresses.map((ip) => {
    const nodad = verb === 'replace' && ip.family === 'ipv6' ? ' nodad' : '';
    return `address ${verb} ${hostCidrText(ip)} dev ${IPVS_LINK}${nodad}`;
  });
  const input = lines.map((line) => `${line}\n`).join('');
  try {
    await runner.run('ip', ['-batch', '-'], { ...options, input, ownProcessGroup: true });
  } catch (error) {
    throw error instanceof CommandFailed ? namingLine(error, lines) : error;
  }
}

/** ip says which line it was: `Command failed -:2`. */
function namingLine(error: CommandFailed, lines: readonly string[]): Error {
  const [, number] = /^Command failed \S*?:(\d+)$/m.exec(error.stderr) ?? [];
  const line = lines[Number(number ?? 0) - 1];
  if (line === undefined) return error;
  return new HostError(`ip ${line}: ${error.stderr.split('\n')[0] ?? ''}`, { cause: error });
}
