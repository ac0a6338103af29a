// The network namespace that commands work in: this process's own, or one that is named on the command line. A name can come to mean
// another namespace at any time (a link that is moved, a process id that is used again), so it is looked up once, and held open.
import { close, constants, fstat, open } from 'node:fs';
import { readFile, readlink, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { commandAdvice } from './command-advice.ts';
import { CommandFailed, type CommandRunner } from './exec.ts';
import { HostError, messageOf } from './host-error.ts';
import { describeErrno } from './sources/errno.ts';

export interface NetworkNamespace {
  /** As it was named; undefined for this process's own. */
  readonly name: string | undefined;
  /** The inode of the namespace: the same for every name of it, as long as it lives. The kernel gives it to the next one then. */
  readonly id: number;
  /** `INODE-SOCKET`: no other namespace has it until the next boot. Fit for a file name. */
  readonly identity: string;
  /** A file that stands for the namespace until `close`, to enter it by; undefined for this process's own. */
  readonly path: string | undefined;
  /** Runs commands inside. */
  readonly runner: CommandRunner;
  /** Lets the namespace go; until then, or until this process ends, it lives on without a name. No command may be run after it. */
  readonly close: () => Promise<void>;
}

/** `pid:N` is the namespace of a process; what has a slash is a path; anything else is a name of `ip netns`. */
export async function openNetworkNamespace(runner: CommandRunner, name: string | undefined): Promise<NetworkNamespace> {
  if (name === undefined) return await ownNamespace(runner);
  const fd = await openPath(namespacePath(name), name);
  try {
    const { ino } = await promisify(fstat)(fd);
    const path = `/proc/${await readlink('/proc/self')}/fd/${fd}`;
    const inside = runnerInside(runner, path);
    const identity = identityOf(ino, await netlinkSockets(inside, name));
    return { name, id: ino, identity, path, runner: inside, close: async () => await promisify(close)(fd) };
  } catch (error) {
    await promisify(close)(fd);
    throw error;
  }
}

async function ownNamespace(runner: CommandRunner): Promise<NetworkNamespace> {
  const { ino } = await stat('/proc/self/ns/net');
  const identity = identityOf(ino, await readFile(NETLINK_SOCKETS, 'utf8'));
  return { name: undefined, id: ino, identity, path: undefined, runner, close: async () => {} };
}

function namespacePath(name: string): string {
  const pid = /^pid:(\d+)$/.exec(name)?.[1];
  if (pid !== undefined) return `/proc/${pid}/ns/net`;
  return name.includes('/') ? name : `/run/netns/${name}`;
}

/** A plain descriptor: unlike a FileHandle, the garbage collector leaves it alone. */
async function openPath(path: string, name: string): Promise<number> {
  try {
    return await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK, 0);
  } catch (error) {
    const { code, text } = describeErrno(error);
    if (code === 'EACCES' || code === 'EPERM') {
      const advice = 'run chainsmith as root';
      throw new HostError(`the network namespace ${name} (${path}) cannot be opened: ${text}`, {
        advice,
        cause: error,
      });
    }
    const advice = 'ip netns list shows the names there are; a path or pid:N works too';
    throw new HostError(`there is no network namespace ${name} (${path})`, { advice, cause: error });
  }
}

/** nsenter(1) is in util-linux and so everywhere; unlike `ip netns exec` it takes any path, and mounts nothing. */
function runnerInside(runner: CommandRunner, path: string): CommandRunner {
  return {
    run: async (command, args, options) => await runner.run('nsenter', [`--net=${path}`, command, ...args], options),
    which: async (command) => await runner.which(command),
  };
}

const NETLINK_SOCKETS = '/proc/net/netlink';

async function netlinkSockets(inside: CommandRunner, name: string): Promise<string> {
  try {
    return (await inside.run('cat', [NETLINK_SOCKETS])).stdout;
  } catch (error) {
    const advice =
      (error instanceof CommandFailed ? commandAdvice(error) : undefined) ??
      'is it a network namespace? ip netns list shows the names there are; a path or pid:N works too';
    throw new HostError(`the network namespace ${name} cannot be entered: ${messageOf(error)}`, {
      advice,
      cause: error,
    });
  }
}

/**
 * Inodes of namespaces are given out again at once, and their times are those of the last look at them (nsfs makes its inodes anew). But the
 * kernel's own end of rtnetlink (protocol 0, port 0) is made with the namespace and closed with it, and sockets are numbered through.
 */
function identityOf(inode: number, sockets: string): string {
  const socket = /^[0-9a-f]+ +0 +0 +(?:\S+ +){6}(\d+) *\n/m.exec(sockets)?.[1];
  if (socket === undefined || !sockets.endsWith('\n')) {
    throw new HostError(`${NETLINK_SOCKETS} is cut short, or does not list the kernel's own socket`);
  }
  return `${inode}-${socket}`;
}
