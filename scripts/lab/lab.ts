// A laboratory is a handful of network namespaces with a common name, and the servers in them. This file owns their life:
// whatever was made, `remove` takes away, however far the set-up came.
import type { CommandRunner } from '../../src/host/exec.ts';
import {
  createNamespace,
  listNamespaces,
  processesInNamespace,
  removeNamespace,
  runnerInNamespace,
  uniqueName,
} from '../../src/host/netns.ts';

export class Lab {
  /** All the laboratory's namespaces are called NAME-HOST. */
  readonly name: string;
  readonly runner: CommandRunner;
  readonly #hosts: string[] = [];

  constructor(runner: CommandRunner, prefix: string) {
    this.runner = runner;
    this.name = uniqueName(prefix);
  }

  get hosts(): readonly string[] {
    return this.#hosts;
  }

  namespaceOf(host: string): string {
    return `${this.name}-${host}`;
  }

  /** Runs commands on a host of the laboratory. */
  on(host: string): CommandRunner {
    return runnerInNamespace(this.runner, this.namespaceOf(host));
  }

  async addHost(host: string): Promise<string> {
    const namespace = this.namespaceOf(host);
    await createNamespace(this.runner, namespace);
    this.#hosts.push(host);
    return namespace;
  }

  async remove(): Promise<void> {
    await removeNamespaces(
      this.runner,
      this.#hosts.map((host) => this.namespaceOf(host)),
    );
    this.#hosts.length = 0;
  }
}

/** Ends the processes in the namespaces and removes these. Goes on after a failure, and reports the first one at the end. */
async function removeNamespaces(runner: CommandRunner, namespaces: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const namespace of namespaces) {
    try {
      for (const pid of await processesInNamespace(runner, namespace)) endProcess(pid);
    } catch {
      // The namespace is gone already; removeNamespace knows what to make of that.
    }
    await removeNamespace(runner, namespace).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** The process that made a laboratory is the number after the prefix in its name. */
function maker(namespace: string, prefix: string): number {
  return Number.parseInt(namespace.slice(prefix.length + 1), 10);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function namespacesOf(runner: CommandRunner, prefix: string): Promise<string[]> {
  const form = new RegExp(`^${prefix}-\\d+-\\d+-`);
  return (await listNamespaces(runner)).filter((name) => form.test(name));
}

/** Removes what laboratories of this prefix left behind whose process has ended. Gives the namespaces that were removed. */
export async function removeAbandonedLabs(runner: CommandRunner, prefix: string): Promise<string[]> {
  const namespaces = (await namespacesOf(runner, prefix)).filter((name) => !isRunning(maker(name, prefix)));
  await removeNamespaces(runner, namespaces);
  return namespaces;
}

/** Removes this process's laboratories of the prefix, finished or not: what a signal handler can do without knowing them. */
export async function removeOwnLabs(runner: CommandRunner, prefix: string): Promise<void> {
  // Whoever is still setting one up may add to it meanwhile.
  for (let round = 0; round < 5; round += 1) {
    const own = (await namespacesOf(runner, prefix)).filter((name) => maker(name, prefix) === process.pid);
    if (own.length === 0) return;
    await removeNamespaces(runner, own);
  }
}
