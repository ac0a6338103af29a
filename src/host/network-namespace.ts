// The network namespace that commands work in: this process's own, or one that is named on the command line.
import { stat } from 'node:fs/promises';
import type { CommandRunner } from './exec.ts';
import { HostError } from './host-error.ts';

export interface NetworkNamespace {
  /** As it was named; undefined for this process's own. */
  readonly name: string | undefined;
  /** The inode of the namespace: the same for every name of it, as long as it lives. */
  readonly id: number;
  /** Runs commands inside. */
  readonly runner: CommandRunner;
}

/** `pid:N` is the namespace of a process; what has a slash is a path; anything else is a name of `ip netns`. */
export async function openNetworkNamespace(runner: CommandRunner, name: string | undefined): Promise<NetworkNamespace> {
  const path = namespacePath(name);
  const id = await namespaceId(path, name);
  return { name, id, runner: name === undefined ? runner : runnerInside(runner, path) };
}

function namespacePath(name: string | undefined): string {
  if (name === undefined) return '/proc/self/ns/net';
  const pid = /^pid:(\d+)$/.exec(name)?.[1];
  if (pid !== undefined) return `/proc/${pid}/ns/net`;
  return name.includes('/') ? name : `/run/netns/${name}`;
}

async function namespaceId(path: string, name: string | undefined): Promise<number> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    const advice = 'ip netns list shows the names there are; a path or pid:N works too';
    throw new HostError(`there is no network namespace ${name ?? ''} (${path})`, { advice, cause: error });
  }
}

/** nsenter(1) is in util-linux and so everywhere; unlike `ip netns exec` it takes any path, and mounts nothing. */
function runnerInside(runner: CommandRunner, path: string): CommandRunner {
  return {
    run: async (command, args, options) => await runner.run('nsenter', [`--net=${path}`, command, ...args], options),
    which: async (command) => await runner.which(command),
  };
}
