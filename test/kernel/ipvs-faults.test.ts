// The ipvs mode around rules and sets that are real, and virtual servers and a link in memory, as this kernel may lack those: each step of an
// apply, and each command, fails once. What test/uml does with a kernel that has all of it, for a few.
import assert from 'node:assert/strict';
import type { IpvsState } from '../../src/core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep } from '../../src/core/plan/ipvs/ipvs-steps.ts';
import { CommandFailed, type CommandRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { ApplyFailed } from '../../src/host/iptables/apply-failed.ts';
import {
  executorNames,
  type ExecutorName,
  type KubeIpvs,
  type OpenConnections,
} from '../../src/host/ipvs/kube-ipvs.ts';
import { openKubeIpvs } from '../../src/host/ipvs/open-kube-ipvs.ts';
import { FakeKubeIpvs } from '../support/fake-kube-ipvs.ts';
import { compiledCase } from '../support/ipvs-reference.ts';
import { IpvsModeNode } from './support/ipvs-mode-node.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-ipvsfault';
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
  let node: IpvsModeNode;

  before(function () {
    requireKernel(this);
  });
  beforeEach(async () => {
    node = await IpvsModeNode.create(PREFIX);
  });
  afterEach(async () => await node.remove());

  const openKube = (executor: ExecutorName, runner: CommandRunner = node.runner): HalfKube =>
    new HalfKube(openKubeIpvs(executor, { runner, namespacePath: node.path, timeoutMs: 60_000 }));

  for (const variant of VARIANTS) {
    for (const executor of executorNames) {
      it(`puts everything back, whatever step fails: iptables-${variant}, ${executor}`, async () => {
        const kube = openKube(executor);
        let faults = 0;
        await node.apply(compiledCase(OLD, 'iptables'), { kube, variant });
        // To the mode, to another state of it, and out of it.
        for (const desired of [compiledCase(OLD), compiledCase(NEW), compiledCase(NEW, 'iptables')]) {
          const before = await node.state(kube, variant);
          for (let at = 0; ; at += 1) {
            kube.steps = 0;
            kube.fault = { at: at >> 1, isLate: at % 2 === 1 };
            const failure = await node.apply(desired, { kube, variant }).then(
              () => undefined,
              (error: unknown) => asError(error),
            );
            kube.fault = undefined;
            if (failure === undefined) break;
            if (!(failure instanceof ApplyFailed)) throw failure;
            assert.notEqual(failure.outcome.kind, 'not-restored', failure.details.join('\n'));
            assert.deepEqual(await node.state(kube, variant), before, `step ${at >> 1}`);
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
      const kernel = faultyRunner(node.runner);
      const kube = openKube('tools', kernel);
      let faults = 0;
      let last = compiledCase(OLD, 'iptables');
      await node.apply(last, { kube, variant });
      for (const desired of [compiledCase(OLD), compiledCase(NEW, 'iptables')]) {
        const before = await node.state(kube, variant);
        for (let at = 0; ; at += 1) {
          kernel.arm(at);
          const failure = await node.apply(desired, { kube, variant, runner: kernel }).then(
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
            await node.apply(last, { kube, variant });
          } else {
            if (!(failure instanceof HostError || failure instanceof CommandFailed)) throw failure;
            const outcome = failure instanceof ApplyFailed ? failure.outcome.kind : 'unchanged';
            assert.notEqual(outcome, 'not-restored', `${failed}: ${failure.message}`);
          }
          assert.deepEqual(await node.state(kube, variant), before, failed);
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
