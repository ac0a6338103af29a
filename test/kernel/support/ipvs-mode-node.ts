// A network namespace that plays a node for the ipvs mode, on kernels that may have no IPVS.
import type { IpvsPlan } from '../../../src/core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../../src/core/plan/ipvs/ipvs-state.ts';
import { itemKey, stateItems, valueText } from '../../../src/core/plan/ipvs/ipvs-item.ts';
import { planIpvs } from '../../../src/core/plan/ipvs/plan-ipvs.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { hostRunner, type CommandRunner } from '../../../src/host/exec.ts';
import { applyPlan } from '../../../src/host/iptables/apply-plan.ts';
import { observeNode, planFamilies, planNode } from '../../../src/host/iptables/plan-node.ts';
import type { Variant } from '../../../src/host/iptables/tools.ts';
import type { KubeIpvs } from '../../../src/host/ipvs/kube-ipvs.ts';
import { observeIpvs } from '../../../src/host/ipvs/observe-ipvs.ts';
import { createNamespace, removeNamespace, uniqueName } from '../../../src/host/netns.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../../src/host/network-namespace.ts';
import type { ShellRunner } from '../../support/shell-runner.ts';
import { FAMILIES } from './cluster.ts';
import { readState, type NodeState } from './node-state.ts';
import { shellInNamespace } from './shell-in-namespace.ts';

const TIMES = { timeoutMs: 60_000, lockSeconds: 20, testsBeside: true };

export interface ModeApply {
  readonly kube: KubeIpvs;
  readonly variant: Variant;
  readonly runner?: CommandRunner;
  readonly signal?: AbortSignal;
}

export class IpvsModeNode {
  readonly name: string;
  readonly #shell: ShellRunner;
  readonly path: string | undefined;
  readonly #namespace: NetworkNamespace;

  private constructor(name: string, namespace: NetworkNamespace) {
    this.name = name;
    this.#shell = shellInNamespace(namespace);
    this.path = namespace.path;
    this.#namespace = namespace;
  }

  static async create(prefix: string): Promise<IpvsModeNode> {
    const name = uniqueName(prefix);
    await createNamespace(hostRunner, name);
    return new IpvsModeNode(name, await openNetworkNamespace(hostRunner, name));
  }

  get runner(): CommandRunner {
    return this.#shell;
  }

  async remove(): Promise<void> {
    await this.#shell.close();
    await this.#namespace.close();
    await removeNamespace(hostRunner, this.name);
  }

  /** Plans and carries out, as `chainsmith apply` does. */
  async apply(
    desired: readonly CompiledRules[],
    { kube, variant, runner = this.runner, signal }: ModeApply,
  ): Promise<void> {
    const observed = await observeNode(runner, variant, FAMILIES, TIMES);
    const state = await observeIpvs(kube, desired, observed.families);
    // The settings of IPVS are not there without it.
    const settled = desired.map((rules): CompiledRules => ({ ...rules, sysctls: [] }));
    const plan = await planNode(runner, observed, settled, state);
    const verify = (now: IpvsState): IpvsPlan => planIpvs(now, desired, []);
    const ipvs = state === undefined ? undefined : { kube, state, verify, drainSeconds: 1 };
    const { families, observeMs } = observed;
    const context = { ...TIMES, runner, variant, observed: families, observeMs, ipvs, signal };
    await applyPlan(plan, context, ({ family }, saved) => {
      const [left] = planFamilies([{ family, saved }], settled);
      return left ?? { family, changes: [], notes: [] };
    });
  }

  async state(kube: KubeIpvs, variant: Variant): Promise<readonly [NodeState, readonly string[]]> {
    const items = [...stateItems(await kube.observe(false)).values()].map(
      (item) => `${itemKey(item)} ${valueText(item)}`,
    );
    return [await readState(this.runner, variant), items.sort()];
  }
}
