// The ipvs mode around rules and sets that are real, and virtual servers and a link in memory, as this kernel may lack those: each step of an
// apply, and each command, fails once. What test/uml does with a kernel that has all of it, for a few.
import assert from 'node:assert/strict';
import type { IpvsPlan } from '../../src/core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../src/core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep } from '../../src/core/plan/ipvs/ipvs-steps.ts';
import { planIpvs } from '../../src/core/plan/ipvs/plan-ipvs.ts';
import { itemKey, stateItems, valueText } from '../../src/core/plan/ipvs/ipvs-item.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { CommandFailed, hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { ApplyFailed } from '../../src/host/iptables/apply-failed.ts';
import { applyPlan } from '../../src/host/iptables/apply-plan.ts';
import { observeNode, planFamilies, planNode } from '../../src/host/iptables/plan-node.ts';
import type { Variant } from '../../src/host/iptables/tools.ts';
import {
  executorNames,
  type ExecutorName,
  type KubeIpvs,
  type OpenConnections,
} from '../../src/host/ipvs/kube-ipvs.ts';
import { observeIpvs } from '../../src/host/ipvs/observe-ipvs.ts';
import { openKubeIpvs } from '../../src/host/ipvs/open-kube-ipvs.ts';
import { createNamespace, removeNamespace, uniqueName } from '../../src/host/netns.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../src/host/network-namespace.ts';
import { FakeKubeIpvs } from '../support/fake-kube-ipvs.ts';
import { compiledCase } from '../support/ipvs-reference.ts';
import { FAMILIES } from './support/cluster.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { readState, type NodeState } from './support/node-state.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-ipvsfault';
const TIMES = { timeoutMs: 60_000, lockSeconds: 20, testsBeside: true };
/** Without source ranges: the rules about those ask IPVS itself, which this kernel may not have. */
const OLD = 'loadbalancer-local';
const NEW = 'nodeport-local';

/** Sets in the kernel, all else in memory. */
class HalfKube implements KubeIpvs {
  readonly name: ExecutorName;
  readonly memory: FakeKubeIpvs = new FakeKubeIpvs();
  readonly #kernel: KubeIpvs;
  /** Which step fails, and whether it is done all the same. */
  fault: { readonly at: number; readonly isLate: boolean } | undefined;
  steps = 0;

  constructor(kernel: KubeIpvs) {
    this.name = kernel.name;
    this.#kernel = kernel;
  }

  close(): void {
    this.#kernel.close();
  }

  async hasLink(): Promise<boolean> {
    return await this.memory.hasLink();
  }

  async observe(): Promise<IpvsState> {
    const { sets } = await this.#kernel.observe(false);
    return { ...(await this.memory.observe()), sets };
  }

  async connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]> {
    return await this.memory.connections(of);
  }

  async run(steps: readonly IpvsStep[]): Promise<void> {
    for (const step of steps) await this.#run(step);
  }

  async #run(step: IpvsStep): Promise<void> {
    const isIt = this.steps++ === this.fault?.at;
    if (!isIt || this.fault?.isLate === true) await this.#carryOut(step);
    if (isIt) throw new HostError('an injected fault');
  }

  async #carryOut(step: IpvsStep): Promise<void> {
    await (/sets?$|members$/.test(step.kind) ? this.#kernel : this.memory).run([step]);
  }
}

describe('apply in ipvs mode, with faults, in the kernel', function () {
  this.timeout(200_000);
  let namespace: NetworkNamespace;
  let name = '';

  before(function () {
    requireKernel(this);
  });
  beforeEach(async () => {
    name = uniqueName(PREFIX);
    await createNamespace(hostRunner, name);
    namespace = await openNetworkNamespace(hostRunner, name);
  });
  afterEach(async () => {
    await namespace.close();
    await removeNamespace(hostRunner, name);
  });

  const kubeFor = (executor: ExecutorName): HalfKube =>
    new HalfKube(
      openKubeIpvs(executor, { runner: namespace.runner, namespacePath: namespace.path, timeoutMs: TIMES.timeoutMs }),
    );

  async function apply(
    desired: readonly CompiledRules[],
    kube: KubeIpvs,
    variant: Variant,
    runner: CommandRunner = namespace.runner,
  ): Promise<void> {
    const observed = await observeNode(runner, variant, FAMILIES, TIMES);
    const state = await observeIpvs(kube, desired, observed.families);
    // The settings of IPVS are not there without it.
    const settled = desired.map((rules): CompiledRules => ({ ...rules, sysctls: [] }));
    const plan = await planNode(runner, observed, settled, state);
    const verify = (now: IpvsState): IpvsPlan => planIpvs(now, desired, []);
    const ipvs = state === undefined ? undefined : { kube, state, verify, drainSeconds: 1 };
    const context = { ...TIMES, runner, variant, observed: observed.families, observeMs: observed.observeMs, ipvs };
    await applyPlan(plan, context, ({ family }, saved) => {
      const [left] = planFamilies([{ family, saved }], settled);
      return left ?? { family, changes: [], notes: [] };
    });
  }

  async function wholeState(kube: HalfKube, variant: Variant): Promise<readonly [NodeState, readonly string[]]> {
    const items = [...stateItems(await kube.observe()).values()].map((item) => `${itemKey(item)} ${valueText(item)}`);
    return [await readState(namespace.runner, variant), items.sort()];
  }

  for (const variant of VARIANTS) {
    for (const executor of executorNames) {
      it(`puts everything back, whatever step fails: iptables-${variant}, ${executor}`, async () => {
        const kube = kubeFor(executor);
        let faults = 0;
        await apply(compiledCase(OLD, 'iptables'), kube, variant);
        // To the mode, to another state of it, and out of it.
        for (const desired of [compiledCase(OLD), compiledCase(NEW), compiledCase(NEW, 'iptables')]) {
          const before = await wholeState(kube, variant);
          for (let at = 0; ; at += 1) {
            kube.steps = 0;
            kube.fault = { at: at >> 1, isLate: at % 2 === 1 };
            const failure = await apply(desired, kube, variant).then(
              () => undefined,
              (error: unknown) => asError(error),
            );
            kube.fault = undefined;
            if (failure === undefined) break;
            if (!(failure instanceof ApplyFailed)) throw failure;
            assert.notEqual(failure.outcome.kind, 'not-restored', failure.details.join('\n'));
            assert.deepEqual(await wholeState(kube, variant), before, `step ${at >> 1}`);
            faults += 1;
          }
        }
        assert.deepEqual((await kube.observe()).sets, []);
        console.log(`      ${faults} faults`);
        assert.ok(faults >= 24, `${faults}`);
        kube.close();
      });
    }

    it(`puts everything back, whatever command fails: iptables-${variant}, tools`, async () => {
      const kernel = faultyRunner(namespace.runner);
      const options = { runner: kernel, namespacePath: namespace.path, timeoutMs: TIMES.timeoutMs };
      const kube = new HalfKube(openKubeIpvs('tools', options));
      let faults = 0;
      let last = compiledCase(OLD, 'iptables');
      await apply(last, kube, variant);
      for (const desired of [compiledCase(OLD), compiledCase(NEW, 'iptables')]) {
        const before = await wholeState(kube, variant);
        for (let at = 0; ; at += 1) {
          kernel.arm(at);
          const failure = await apply(desired, kube, variant, kernel).then(
            () => undefined,
            (error: unknown) => asError(error),
          );
          const failed = kernel.disarm();
          if (failed === undefined) {
            assert.equal(failure, undefined);
            break;
          }
          faults += 1;
          if (failure === undefined) {
            // Nobody minded: then it was carried through.
            await apply(last, kube, variant);
          } else {
            if (!(failure instanceof HostError || failure instanceof CommandFailed)) throw failure;
            const outcome = failure instanceof ApplyFailed ? failure.outcome.kind : 'unchanged';
            assert.notEqual(outcome, 'not-restored', `${failed}: ${failure.message}`);
          }
          assert.deepEqual(await wholeState(kube, variant), before, failed);
        }
        last = desired;
      }
      console.log(`      ${faults} faults`);
      assert.ok(faults >= 30, `${faults}`);
    });
  }
});

function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  throw new TypeError('what was thrown is no error');
}

/** Fails one command by its number: every other one has done its work all the same. */
function faultyRunner(runner: CommandRunner): CommandRunner & {
  readonly arm: (at: number) => void;
  readonly disarm: () => string | undefined;
} {
  let left = Number.POSITIVE_INFINITY;
  let isLate = false;
  let failed: string | undefined;
  return {
    which: async (command) => await runner.which(command),
    arm: (at) => {
      left = at;
      isLate = at % 2 === 0;
      failed = undefined;
    },
    disarm: () => {
      left = Number.POSITIVE_INFINITY;
      return failed;
    },
    run: async (command, args, options) => {
      left -= 1;
      if (left !== -1) return await runner.run(command, args, options);
      failed = [command, ...args].join(' ');
      if (isLate) await runner.run(command, args, options);
      const how = { exitCode: 1, signal: undefined, timedOut: false, notFound: false };
      throw new CommandFailed({ command, args, stdout: '', stderr: 'an injected fault', ...how });
    },
  };
}
