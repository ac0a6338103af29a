// Network namespaces, made and used through iproute2's `ip`. Each function is one `ip` command (two at most); what belongs
// together is the caller's business. Names are files in /run/netns, so every tool of the machine sees them.
import { CommandFailed, type CommandRunner } from './exec.ts';
import { sysctlPath } from './sysctl.ts';

/** One end of a veth pair: the namespace it is in, and its name there (at most 15 characters, the kernel's IFNAMSIZ - 1). */
export interface LinkEnd {
  readonly namespace: string;
  readonly device: string;
}

export interface Route {
  /** A prefix, or `default`. */
  readonly to: string;
  readonly via?: string;
  readonly device?: string;
}

let namesGiven = 0;

/** A name that no other process and no earlier call has: prefix, process id, counter. */
export function uniqueName(prefix: string): string {
  namesGiven += 1;
  return `${prefix}-${process.pid}-${namesGiven}`;
}

export async function createNamespace(runner: CommandRunner, name: string): Promise<void> {
  await runner.run('ip', ['netns', 'add', name]);
}

/** Names in /run/netns; those that another container made and the kernel knows only by number are not among them. */
export async function listNamespaces(runner: CommandRunner): Promise<string[]> {
  const { stdout } = await runner.run('ip', ['netns', 'list']);
  return stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '');
}

/**
 * Removes the name, and with it everything in the namespace once its last process has ended. A namespace that is not there is
 * no failure, so that cleaning up twice, or after half a set-up, is safe.
 */
export async function removeNamespace(runner: CommandRunner, name: string): Promise<void> {
  try {
    await runner.run('ip', ['netns', 'delete', name]);
  } catch (error) {
    const gone = error instanceof CommandFailed && error.stderr.includes('No such file or directory');
    if (!gone) throw error;
  }
}

/** The processes whose network is this namespace, by id. */
export async function processesInNamespace(runner: CommandRunner, name: string): Promise<number[]> {
  const { stdout } = await runner.run('ip', ['netns', 'pids', name]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** The same runner, with every command inside the namespace. `which` needs no change: the file system is the same one. */
export function runnerInNamespace(runner: CommandRunner, name: string): CommandRunner {
  return {
    run: async (command, args, options) => await runner.run('ip', ['netns', 'exec', name, command, ...args], options),
    which: async (command) => await runner.which(command),
  };
}

export async function setLinkUp(runner: CommandRunner, end: LinkEnd): Promise<void> {
  await runner.run('ip', ['-n', end.namespace, 'link', 'set', end.device, 'up']);
}

/** A virtual cable between two namespaces, both ends up. */
export async function addVethPair(runner: CommandRunner, left: LinkEnd, right: LinkEnd): Promise<void> {
  const peer = ['peer', 'name', right.device, 'netns', right.namespace];
  await runner.run('ip', ['-n', left.namespace, 'link', 'add', left.device, 'type', 'veth', ...peer]);
  await setLinkUp(runner, left);
  await setLinkUp(runner, right);
}

/** `address` with its prefix length. IPv6 addresses skip duplicate address detection: they work at once, not after a second. */
export async function addAddress(runner: CommandRunner, end: LinkEnd, address: string): Promise<void> {
  const nodad = address.includes(':') ? ['nodad'] : [];
  await runner.run('ip', ['-n', end.namespace, 'address', 'add', address, 'dev', end.device, ...nodad]);
}

export async function addRoute(runner: CommandRunner, namespace: string, route: Route): Promise<void> {
  const family = [route.to, route.via ?? ''].some((text) => text.includes(':')) ? '-6' : '-4';
  const via = route.via === undefined ? [] : ['via', route.via];
  const device = route.device === undefined ? [] : ['dev', route.device];
  await runner.run('ip', [family, '-n', namespace, 'route', 'add', route.to, ...via, ...device]);
}

/** `key` as sysctl(8) spells it: net.ipv4.ip_forward. */
export async function setSysctl(runner: CommandRunner, namespace: string, key: string, value: string): Promise<void> {
  await runner.run('ip', ['netns', 'exec', namespace, 'tee', sysctlPath(key)], { input: value });
}
