// A network namespace that plays a node: loaded with rules, planned for, applied to and taken back, by chainsmith's own functions.
import { canonicalRule } from '../../../src/core/parse/iptables-save/canonical-rule.ts';
import { invertPlan } from '../../../src/core/plan/invert-change.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { remainingChanges } from '../../../src/core/plan/remaining-changes.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { hostRunner, type CommandRunner } from '../../../src/host/exec.ts';
import { applyPlan, inEffect, type ApplyContext } from '../../../src/host/iptables/apply-plan.ts';
import { carryOut } from '../../../src/host/iptables/carry-out.ts';
import { observeNode, planFamilies, planNode, type ObservedNode } from '../../../src/host/iptables/plan-node.ts';
import { StateFile } from '../../../src/host/iptables/state-file.ts';
import { toolsOf, type Variant } from '../../../src/host/iptables/tools.ts';
import { createNamespace, processesInNamespace, removeNamespace, uniqueName } from '../../../src/host/netns.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../../src/host/network-namespace.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';
import type { ShellRunner } from '../../support/shell-runner.ts';
import { FAMILIES } from './cluster.ts';
import { readState, type NodeState } from './node-state.ts';
import { shellInNamespace } from './shell-in-namespace.ts';

const TIMEOUT_MS = 60_000;

/** What a node has before a test: iptables-save text with counters, per family. */
export type Dumps = Readonly<Record<Family, string>>;

export class TestNode {
  readonly name: string;
  readonly variant: Variant;
  readonly #shell: ShellRunner;
  readonly #state: StateFile;
  readonly #namespace: NetworkNamespace;

  private constructor(name: string, variant: Variant, namespace: NetworkNamespace, state: StateFile) {
    this.name = name;
    this.variant = variant;
    this.#shell = shellInNamespace(namespace);
    this.#namespace = namespace;
    this.#state = state;
  }

  /** A new namespace. `stateDir` is where applies keep the way back. */
  static async create(prefix: string, variant: Variant, stateDir: string): Promise<TestNode> {
    // As the namespaces of laboratories are called, so that what a killed run leaves is found and removed.
    const name = `${uniqueName(prefix)}-node`;
    await createNamespace(hostRunner, name);
    const namespace = await openNetworkNamespace(hostRunner, name);
    return new TestNode(name, variant, namespace, new StateFile(stateDir, namespace.identity));
  }

  get runner(): CommandRunner {
    return this.#shell;
  }

  async load(dumps: Dumps): Promise<void> {
    const one = async (family: Family): Promise<unknown> =>
      await this.runner.run(toolsOf(this.variant, family).restore, ['-c', '-w', '20'], { input: dumps[family] });
    await Promise.all(FAMILIES.map(one));
  }

  async state(): Promise<NodeState> {
    return await readState(this.runner, this.variant);
  }

  async plan(desired: readonly CompiledRules[]): Promise<Plan> {
    const observed = await this.#observe();
    return await planNode(this.runner, observed, desired);
  }

  /** Plans and carries out, as `chainsmith apply` does. */
  async apply(desired: readonly CompiledRules[], onStep?: (step: string) => void): Promise<Plan> {
    const observed = await this.#observe();
    const plan = await planNode(this.runner, observed, desired);
    await carryOut(plan, this.#state, { ...this.#context(observed), onStep }, ({ family }, saved) => {
      const [left] = planFamilies([{ family, saved }], desired);
      return left ?? { family, changes: [], notes: [] };
    });
    return plan;
  }

  /** Takes a plan back, as `chainsmith undo` does. */
  async undo(plan: Plan): Promise<void> {
    const observed = await this.#observe();
    const back = invertPlan(plan, 'undo');
    const remaining = back.families.map((one) => {
      const saved = observed.families.find(({ family }) => family === one.family)?.saved ?? { tables: [] };
      return remainingChanges(one, saved, (line) => canonicalRule(line, one.family));
    });
    await applyPlan({ ...back, families: remaining }, this.#context(observed), inEffect);
  }

  /** Waits for processes that outlive the one that started them; kills them if they do not end by themselves. */
  async settle(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      if ((await this.#processes()).length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await this.#endProcesses();
  }

  async remove(): Promise<void> {
    await this.#shell.close();
    await this.#endProcesses().catch(() => {});
    await this.#namespace.close();
    await removeNamespace(hostRunner, this.name);
  }

  /** But for the shell. */
  async #processes(): Promise<readonly number[]> {
    return (await processesInNamespace(hostRunner, this.name)).filter((pid) => pid !== this.#shell.pid);
  }

  async #endProcesses(): Promise<void> {
    for (const pid of await this.#processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }

  async #observe(): Promise<ObservedNode> {
    return await observeNode(this.runner, this.variant, FAMILIES, { timeoutMs: TIMEOUT_MS });
  }

  #context({ families, observeMs }: ObservedNode): ApplyContext {
    const { runner, variant } = this;
    return { runner, variant, timeoutMs: TIMEOUT_MS, lockSeconds: 20, observed: families, observeMs };
  }
}
