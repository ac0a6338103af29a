// A network namespace of the guest that plays a node in ipvs mode: planned for, applied to and looked at by chainsmith's own functions.
import { printAddresses, printIpSets, printVirtualServers } from '../../../src/core/compile/print-ipvs.ts';
import { invertIpvs } from '../../../src/core/plan/ipvs/compare-ipvs.ts';
import type { IpvsPlan } from '../../../src/core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../../src/core/plan/ipvs/ipvs-state.ts';
import { planIpvs } from '../../../src/core/plan/ipvs/plan-ipvs.ts';
import { invertPlan } from '../../../src/core/plan/invert-change.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { hostRunner, type CommandRunner } from '../../../src/host/exec.ts';
import { applyPlan, inEffect, type ApplyContext } from '../../../src/host/iptables/apply-plan.ts';
import { observeNode, planFamilies, planNode, type ObservedNode } from '../../../src/host/iptables/plan-node.ts';
import { IpvsRun, type IpvsContext } from '../../../src/host/ipvs/ipvs-run.ts';
import type { KubeIpvs } from '../../../src/host/ipvs/kube-ipvs.ts';
import { observeIpvs } from '../../../src/host/ipvs/observe-ipvs.ts';
import { openKubeIpvs } from '../../../src/host/ipvs/open-kube-ipvs.ts';
import { createNamespace, removeNamespace, uniqueName } from '../../../src/host/netns.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../../src/host/network-namespace.ts';
import { readSysctls } from '../../../src/host/sysctl.ts';
import { ShellRunner } from '../../support/shell-runner.ts';
import { comparableAddresses, comparableRules, sortedLines } from '../../support/ipvs-reference.ts';

const TIMEOUT_MS = 60_000;
const FAMILIES = ['ipv4', 'ipv6'] as const;

/** What a node shows, as text, each part in an order of its own. */
export interface NodeTexts {
  readonly servers: string;
  readonly sets: string;
  readonly addresses: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface NodeApply {
  readonly kube?: KubeIpvs;
  readonly runner?: CommandRunner;
  readonly drainSeconds?: number;
  readonly onDrained?: IpvsContext['onDrained'];
}

export class IpvsNode {
  readonly name: string;
  readonly runner: CommandRunner;
  readonly netlink: KubeIpvs;
  readonly tools: KubeIpvs;
  readonly #namespace: NetworkNamespace;
  readonly #shell: ShellRunner;

  private constructor(name: string, namespace: NetworkNamespace) {
    this.name = name;
    // What scripts/uml-init mounts over /run is the guest's own memory; all else is in the files of the machine.
    this.#shell = new ShellRunner(namespace.runner, ['nsenter', `--net=${namespace.path}`, 'sh'], '/run');
    this.runner = this.#shell;
    this.#namespace = namespace;
    const options = { runner: this.runner, namespacePath: namespace.path, timeoutMs: TIMEOUT_MS };
    this.netlink = openKubeIpvs('netlink', options);
    this.tools = openKubeIpvs('tools', options);
  }

  static async create(prefix: string): Promise<IpvsNode> {
    const name = uniqueName(prefix);
    await createNamespace(hostRunner, name);
    // Before a namespace has an address the kernel takes no IPv4 address of a real server for unicast.
    await hostRunner.run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    return new IpvsNode(name, await openNetworkNamespace(hostRunner, name));
  }

  async remove(): Promise<void> {
    this.netlink.close();
    await this.#shell.close();
    await this.#namespace.close();
    await removeNamespace(hostRunner, this.name);
  }

  /** Rules too. */
  async texts(): Promise<NodeTexts> {
    const [ipvs, [ipv4 = '', ipv6 = '']] = [
      await this.ipvsTexts(),
      await this.#outputs([['iptables-legacy-save'], ['ip6tables-legacy-save']]),
    ];
    return { ...ipvs, ipv4: comparableRules(ipv4), ipv6: comparableRules(ipv6) };
  }

  /** All but rules. */
  async ipvsTexts(): Promise<Omit<NodeTexts, 'ipv4' | 'ipv6'>> {
    const [servers = '', sets = ''] = await this.#outputs([
      ['ipvsadm', '-Sn'],
      ['ipset', 'save'],
    ]);
    const show = ['-o', 'address', 'show', 'dev', 'kube-ipvs0'];
    // 1: there is no such link.
    const { stdout: addresses } = await this.runner.run('ip', show, { okExitCodes: [0, 1] });
    return {
      servers: sortedLines(servers),
      // A number by which this very set is hashed.
      sets: sortedLines(sets.replaceAll(/ initval 0x[0-9a-f]+$/gm, '')),
      addresses: comparableAddresses(addresses),
    };
  }

  async #outputs(commands: readonly (readonly [string, ...string[]])[]): Promise<readonly string[]> {
    const results = commands.map(async ([command, ...args]) => await this.runner.run(command, args));
    return (await Promise.all(results)).map(({ stdout }) => stdout);
  }

  async plan(desired: readonly CompiledRules[], kube: KubeIpvs = this.netlink): Promise<Plan> {
    return (await this.#plan(desired, kube, this.runner)).plan;
  }

  /** Plans and carries out, as `chainsmith apply` does. */
  async apply(desired: readonly CompiledRules[], options: NodeApply = {}): Promise<Plan> {
    const { kube = this.netlink, runner = this.runner, drainSeconds = 0, onDrained } = options;
    const { plan, observed, state } = await this.#plan(desired, kube, runner);
    const verify = (now: IpvsState): IpvsPlan => planIpvs(now, desired, []);
    const ipvs = state === undefined ? undefined : { kube, state, verify, drainSeconds, onDrained };
    await applyPlan(plan, this.#context(observed, runner, ipvs), ({ family }, saved) => {
      const [left] = planFamilies([{ family, saved }], desired);
      return left ?? { family, changes: [], notes: [] };
    });
    return plan;
  }

  /** Virtual servers, sets and addresses alone, by one of the executors. */
  async applyIpvs(desired: readonly CompiledRules[], kube: KubeIpvs): Promise<IpvsPlan> {
    const state = await kube.observe(true);
    const plan = planIpvs(state, desired, []);
    const verify = (now: IpvsState): IpvsPlan => planIpvs(now, desired, []);
    await carryThrough(new IpvsRun(plan, { kube, state, verify, drainSeconds: 0 }, {}));
    return plan;
  }

  async undoIpvs(plan: IpvsPlan, kube: KubeIpvs): Promise<void> {
    const state = await kube.observe(true);
    await carryThrough(new IpvsRun(invertIpvs(plan, 'undo'), { kube, state, drainSeconds: 0 }, {}));
  }

  async undo(plan: Plan, kube: KubeIpvs = this.netlink): Promise<void> {
    const observed = await this.#observe(this.runner);
    const ipvs = { kube, state: await kube.observe(false), drainSeconds: 0 };
    await applyPlan(invertPlan(plan, 'undo'), this.#context(observed, this.runner, ipvs), inEffect);
  }

  async settings(keys: readonly string[]): Promise<readonly string[]> {
    return [...(await readSysctls(this.runner, keys)).values()];
  }

  async #plan(desired: readonly CompiledRules[], kube: KubeIpvs, runner: CommandRunner) {
    const observed = await this.#observe(runner);
    const state = await observeIpvs(kube, desired, observed.families);
    return { plan: await planNode(runner, observed, desired, state), observed, state };
  }

  async #observe(runner: CommandRunner): Promise<ObservedNode> {
    return await observeNode(runner, 'legacy', FAMILIES, { timeoutMs: TIMEOUT_MS });
  }

  #context({ families, observeMs }: ObservedNode, runner: CommandRunner, ipvs: IpvsContext | undefined): ApplyContext {
    const times = { timeoutMs: TIMEOUT_MS, lockSeconds: 20, observeMs };
    return { runner, variant: 'legacy', observed: families, testsBeside: true, ...times, ipvs };
  }
}

async function carryThrough(run: IpvsRun): Promise<void> {
  await run.prepare();
  await run.open();
  await run.close();
  await run.check();
}

/** What a node is to show that has compiled rules of IPVS, but for the rules themselves. */
export function compiledTexts(rules: readonly CompiledRules[]): Pick<NodeTexts, 'servers' | 'sets' | 'addresses'> {
  return {
    servers: sortedLines(printVirtualServers(rules)),
    sets: sortedLines(printIpSets(rules)),
    addresses: sortedLines(printAddresses(rules)),
  };
}
