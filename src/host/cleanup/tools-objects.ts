import { parseIpsetSave } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import type { IpSet as FilledSet } from '../../core/ruleset/ip-set.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { deleteDummyLink, findDummyLink, type DummyLink } from './dummy-link.ts';
import { destroyIpSet, listIpSets, type IpSet, type ToolOptions } from './ip-sets.ts';
import { isSurelyAbsent, saysAbsent } from './kernel-module.ts';
import type { KubeObjects, Seen } from './kube-objects.ts';
import { deleteVirtualServer, listVirtualServers, type VirtualServer } from './virtual-servers.ts';

/** By ipset, ipvsadm and ip. */
export class ToolsObjects implements KubeObjects {
  readonly name = 'tools';
  readonly #runner: CommandRunner;
  readonly #options: ToolOptions;

  /** @param runner of commands in the network namespace */
  constructor(runner: CommandRunner, options: ToolOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  close(): void {}

  async sets(): Promise<Seen<readonly IpSet[]>> {
    return await seenByTool(this.#runner, ['ipset', 'ip_set'], [], () => listIpSets(this.#runner, this.#options));
  }

  async filledSets(names: readonly string[]): Promise<readonly FilledSet[]> {
    const texts: string[] = [];
    for (const name of names) texts.push((await this.#runner.run('ipset', ['save', name], this.#options)).stdout);
    return [...parseIpsetSave(texts.join('')).sets.values()];
  }

  async link(): Promise<DummyLink | undefined> {
    return await findDummyLink(this.#runner, this.#options);
  }

  async virtualServers(): Promise<Seen<readonly VirtualServer[]>> {
    if ((await this.#runner.which('ipvsadm')) === undefined) return { obstacle: 'ipvsadm is not installed' };
    return { seen: await listVirtualServers(this.#runner, this.#options) };
  }

  async deleteVirtualServer(server: VirtualServer): Promise<void> {
    await deleteVirtualServer(this.#runner, server, this.#options);
  }

  async destroySet(name: string): Promise<boolean> {
    return await destroyIpSet(this.#runner, name, this.#options);
  }

  async deleteLink(): Promise<void> {
    await deleteDummyLink(this.#runner, this.#options);
  }
}

/** What a tool shows; `nothing` if the kernel surely has not got its part. */
export async function seenByTool<T>(
  runner: CommandRunner,
  [tool, module]: readonly [tool: string, module: string],
  nothing: T,
  look: () => Promise<T>,
): Promise<Seen<T>> {
  let obstacle = `${tool} is not installed`;
  if ((await runner.which(tool)) !== undefined) {
    try {
      return { seen: await look() };
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      if (saysAbsent(error)) return { seen: nothing };
      obstacle = error.message;
    }
  }
  return (await isSurelyAbsent(runner, module)) ? { seen: nothing } : { obstacle };
}
