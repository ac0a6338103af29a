import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep } from '../../core/plan/ipvs/ipvs-steps.ts';
import { IPVS_LINK } from '../../core/ruleset/compiled-rules.ts';
import { realServerKey, virtualServerKey } from '../../core/ruleset/virtual-server.ts';
import type { ToolOptions } from '../cleanup/ip-sets.ts';
import { isSurelyAbsent, saysAbsent } from '../cleanup/kernel-module.ts';
import { commandAdvice } from '../command-advice.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import {
  createLines,
  destroySetsByTool,
  memberLines,
  observeSetsByTool,
  replaceSetByTool,
  restoreSets,
} from '../ipset/set-tools.ts';
import { absentPart, IPSET_PART, IPVS_PART, type KernelPart } from './absent-part.ts';
import { changeServersByTool, connectionsByTool, observeServersByTool, timeoutsByTool } from './ipvsadm.ts';
import type { KubeIpvs, OpenConnections } from './kube-ipvs.ts';
import { addressesByTool, changeAddresses } from './link-tools.ts';

/** ipvsadm, ipset and ip, each in bulk. */
export class ToolsExecutor implements KubeIpvs {
  readonly name = 'tools';
  readonly #runner: CommandRunner;
  readonly #options: ToolOptions;

  /** @param runner of commands in the network namespace */
  constructor(runner: CommandRunner, options: ToolOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  close(): void {}

  async hasLink(): Promise<boolean> {
    return (await telling(addressesByTool(this.#runner, this.#options))) !== undefined;
  }

  async observe(needed: boolean): Promise<IpvsState> {
    const [runner, options] = [this.#runner, this.#options];
    const servers = await this.#unlessAbsent(observeServersByTool(runner, options), needed, IPVS_PART);
    return {
      virtualServers: servers ?? [],
      sets: (await this.#unlessAbsent(observeSetsByTool(runner, options), needed, IPSET_PART)) ?? [],
      addresses: await telling(addressesByTool(runner, options)),
      timeouts: servers === undefined ? undefined : await telling(timeoutsByTool(runner, options)),
    };
  }

  async connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]> {
    const found = await telling(connectionsByTool(this.#runner, this.#options));
    return of.map(({ address, ip, port }) =>
      found.get(`${virtualServerKey({ address })} ${realServerKey({ ip, port })}`),
    );
  }

  async run(steps: readonly IpvsStep[]): Promise<void> {
    for (const work of byProcess(steps)) {
      await telling('kind' in work ? this.#run(work) : this.#changeMembers(work));
    }
  }

  async #changeMembers(steps: readonly MembersStep[]): Promise<void> {
    const lines = steps.flatMap(({ kind, set, entries }) =>
      memberLines(kind === 'add-members' ? 'add' : 'del', set, entries),
    );
    await restoreSets(this.#runner, lines, this.#options);
  }

  async #run(step: OtherStep): Promise<void> {
    const [runner, options] = [this.#runner, this.#options];
    switch (step.kind) {
      case 'set-timeouts': {
        const { tcp, tcpFin, udp } = step.timeouts;
        await this.#do('ipvsadm', ['--set', String(tcp), String(tcpFin), String(udp)]);
        return;
      }
      case 'create-sets':
        return await restoreSets(runner, step.sets.flatMap(createLines), options, false);
      case 'replace-set':
        return await replaceSetByTool(runner, step.set, options);
      case 'destroy-sets':
        return await destroySetsByTool(runner, step.names, options);
      case 'create-link':
        return await this.#do('ip', ['link', 'add', IPVS_LINK, 'type', 'dummy']);
      case 'delete-link':
        return await this.#do('ip', ['link', 'delete', IPVS_LINK]);
      case 'add-addresses':
        return await changeAddresses(runner, 'replace', step.addresses, options);
      case 'delete-addresses':
        return await changeAddresses(runner, 'delete', step.addresses, options);
      case 'change-servers':
        return await changeServersByTool(runner, step.changes, options);
    }
  }

  /** Undefined on a kernel without the part, unless it is needed. Without the tool nothing tells what there is, unless that is surely nothing. */
  async #unlessAbsent<T>(work: Promise<T>, needed: boolean, part: KernelPart): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const isWithoutTool = error.notFound || /failed to execute/.test(error.stderr);
      const isWithoutPart = isWithoutTool
        ? !needed && (await isSurelyAbsent(this.#runner, part.module))
        : saysAbsent(error) || /Can't initialize ipvs/.test(error.stderr);
      if (!needed && isWithoutPart) return undefined;
      const advice = commandAdvice(error);
      if (isWithoutPart && advice === undefined) throw absentPart(part, error);
      throw new HostError(error.message, { advice, cause: error });
    }
  }

  async #do(command: string, args: readonly string[]): Promise<void> {
    await this.#runner.run(command, args, { ...this.#options, ownProcessGroup: true });
  }
}

type MembersStep = Extract<IpvsStep, { readonly entries: unknown }>;
type OtherStep = Exclude<IpvsStep, MembersStep>;

/** One ipset takes the members of all sets that change in a row; every other step is a process of its own. */
function byProcess(steps: readonly IpvsStep[]): readonly (OtherStep | readonly MembersStep[])[] {
  const work: (OtherStep | MembersStep[])[] = [];
  for (const step of steps) {
    const last = work.at(-1);
    if (!('entries' in step)) work.push(step);
    else if (last === undefined || 'kind' in last) work.push([step]);
    else last.push(step);
  }
  return work;
}

/** With what to do about a tool that failed. */
async function telling<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CommandFailed)
      throw new HostError(error.message, { advice: commandAdvice(error), cause: error });
    throw error;
  }
}
