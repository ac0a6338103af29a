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

/** Whether the process that made a laboratory is still there: its id is the part of the name after the prefix. */
function makerIsAlive(namespace: string, prefix: string): boolean {
  const pid = Number.parseInt(namespace.slice(prefix.length + 1), 10);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Removes what laboratories of this prefix left behind, those of processes that still run excepted. Gives their namespaces. */
export async function removeAbandonedLabs(runner: CommandRunner, prefix: string): Promise<string[]> {
  const form = new RegExp(`^${prefix}-\\d+-\\d+-`);
  const namespaces = (await listNamespaces(runner)).filter((name) => form.test(name) && !makerIsAlive(name, prefix));
  await removeNamespaces(runner, namespaces);
  return namespaces;
}
