// chainsmith killed at every step: the next apply repairs the node, and undo leads to what was there before both.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyArguments, argumentsFor, NEW, OLD } from './support/fault-scene.ts';
import type { Fault } from './support/fault-tools.ts';
import { assertClear, record, stateFolder, withNode } from './support/fault-trial.ts';
import { inParallel } from './support/in-parallel.ts';
import { useTrials } from './support/use-trials.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { ownPart, stateDifferences, withoutNfacct, type NodeState } from './support/node-state.ts';
import type { ReferenceCase } from './support/reference-cases.ts';
import { runChainsmith, type ChainsmithRun } from './support/run-chainsmith.ts';
import type { TestNode } from './support/test-node.ts';

const PREFIX = 'chainsmith-killed';

for (const variant of VARIANTS) {
  describe(`a killed apply, iptables-${variant}`, function () {
    this.timeout(200_000);
    const context = useTrials(PREFIX);
    const scene = { variant, before: 'loaded' } as const;

    async function undo(node: TestNode, stateDir: string): Promise<ChainsmithRun> {
      const args = ['undo', '--yes', '-q', '--netns', node.name, '--state-dir', stateDir];
      return await context.residents.run(args, {});
    }

    it('killed at any step: the next apply repairs it, and undo leads to what was there before both', async () => {
      const recording = await record(context, scene);
      const fresh = ownPart(recording.next);
      const kills: readonly Fault[] = ['signal-KILL', 'signal-late-KILL', 'orphan', 'orphan-first-table'];
      const trials = recording.calls
        .filter((call) => !call.startsWith('nsenter'))
        .flatMap((call) =>
          kills.filter((kill) => !kill.startsWith('orphan') || isCommit(call)).map((kill) => ({ call, kill })),
        );
      const outcomes = await inParallel(trials, 3, async ({ call, kill }) => await killAndRepair(call, kill, fresh));
      console.log(
        `      killed ${outcomes.length} times, ${outcomes.filter((changed) => changed).length} of them with something changed`,
      );
      assert.ok(outcomes.filter((changed) => changed).length >= 4);
    });

    it('killed while it loads: undo goes back to what was there before', async () => {
      const commit = `ip6tables-${variant}-restore_--noflush_--counters_-w_2.1`;
      for (const kill of ['signal-KILL', 'signal-late-KILL', 'orphan'] satisfies Fault[]) {
        await withNode(context, scene, async (node, stateDir) => {
          const old = withoutNfacct(await node.state());
          const run = context.tools.start({ [commit]: kill });
          await runChainsmith(applyArguments(node, stateDir), run.environment);
          await node.settle();
          assert.notDeepEqual(stateDifferences(old, withoutNfacct(await node.state())), [], kill);
          const back = await undo(node, stateDir);
          assert.equal(back.status, 0, back.err);
          assert.deepEqual(stateDifferences(old, withoutNfacct(await node.state())), [], kill);
        });
      }
    });

    it('killed, and the next apply has little left to do: undo goes back to what was there before both', async () => {
      const commit = `ip6tables-${variant}-restore_--noflush_--counters_-w_2.1`;
      await withNode(context, scene, async (node, stateDir) => {
        const old = withoutNfacct(await node.state());
        const run = context.tools.start({ [commit]: 'signal-late-KILL' });
        await runChainsmith(applyArguments(node, stateDir), run.environment);
        await node.settle();
        await emptyOneChain(node);
        const repair = await context.residents.run(applyArguments(node, stateDir), {});
        assert.equal(repair.status, 0, repair.err);
        const back = await undo(node, stateDir);
        assert.equal(back.status, 0, back.err);
        assert.deepEqual(stateDifferences(old, withoutNfacct(await node.state())), []);
      });
    });

    it('killed when all was done, and run again: undo of a later apply leads there, and no further', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        await applyAndDie(node, stateDir, NEW);
        assert.match(await applyWell(node, stateDir, NEW), /^No changes\./);
        const between = await node.state();
        await applyWell(node, stateDir, OLD);
        assert.notDeepEqual(stateDifferences(between, await node.state()), []);
        const back = await undo(node, stateDir);
        assert.equal(back.status, 0, back.err);
        assert.deepEqual(stateDifferences(between, await node.state()), []);
      });
    });

    it('killed when nothing was done, and run again: undo takes back the apply before', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        const before = withoutNfacct(await node.state());
        await applyWell(node, stateDir, OLD);
        const last = join(stateFolder(stateDir), 'last-apply.json');
        const first = readFileSync(last);
        await applyWell(node, stateDir, NEW);
        const second = readFileSync(last);
        assert.equal((await undo(node, stateDir)).status, 0);
        writeFileSync(last, first);
        writeFileSync(join(stateFolder(stateDir), 'pending-apply.json'), second);
        assert.match(await applyWell(node, stateDir, OLD), /^No changes\./);
        const back = await undo(node, stateDir);
        assert.equal(back.status, 0, back.err);
        assert.deepEqual(stateDifferences(before, withoutNfacct(await node.state())), []);
      });
    });

    it('killed, cleaned up, and applied again: undo takes back the last apply alone', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        await applyWell(node, stateDir, OLD);
        await applyAndDie(node, stateDir, NEW);
        await cleanUp(node);
        const clean = await node.state();
        const lost = await undo(node, stateDir);
        assert.equal(lost.status, 1);
        assert.match(lost.err, /^error: the rules of before lead to chains that are gone since; nothing was changed$/m);
        assert.match(lost.err, /^ {2}ipv4 nat KUBE-\S+$/m);
        assert.deepEqual(stateDifferences(clean, await node.state()), []);
        await applyWell(node, stateDir, NEW);
        const back = await undo(node, stateDir);
        assert.equal(back.status, 0, back.err);
        assert.deepEqual(stateDifferences(withoutNfacct(clean), withoutNfacct(await node.state())), []);
      });
    });

    it('killed, repaired, and changed by somebody since: undo refuses, also where the repair had nothing to do', async () => {
      const commit = `iptables-${variant}-restore_--noflush_--counters_-w_2.1`;
      await withNode(context, scene, async (node, stateDir) => {
        const run = context.tools.start({ [commit]: 'signal-late-KILL' });
        await runChainsmith(applyArguments(node, stateDir), run.environment);
        await node.settle();
        const repair = await context.residents.run(applyArguments(node, stateDir), {});
        assert.equal(repair.status, 0, repair.err);
        await emptyOneChain(node);
        const changed = await node.state();
        const back = await undo(node, stateDir);
        assert.equal(back.status, 1);
        assert.match(back.err, /chains that the last apply wrote have changed since; nothing was changed/);
        assert.deepEqual(stateDifferences(changed, await node.state()), []);
      });
    });

    it('killed, and the repair fails too: undo still goes back to what was there before', async () => {
      const commit = `ip6tables-${variant}-restore_--noflush_--counters_-w_2.1`;
      await withNode(context, scene, async (node, stateDir) => {
        const old = withoutNfacct(await node.state());
        const killed = context.tools.start({ [commit.replace('ip6', 'ip')]: 'signal-late-KILL' });
        await runChainsmith(applyArguments(node, stateDir), killed.environment);
        await node.settle();
        const between = withoutNfacct(await node.state());
        const failing = context.tools.start({ [commit]: 'exit' });
        const repair = await context.residents.run(applyArguments(node, stateDir), failing.environment);
        assert.equal(failing.injected().length, 1);
        assertClear(repair);
        assert.deepEqual(stateDifferences(between, withoutNfacct(await node.state())), []);
        const back = await undo(node, stateDir);
        assert.equal(back.status, 0, back.err);
        assert.deepEqual(stateDifferences(old, withoutNfacct(await node.state())), []);
      });
    });

    async function cleanUp(node: TestNode): Promise<void> {
      const { status, err } = await context.residents.run(['cleanup', '--yes', '-q', '--netns', node.name], {});
      assert.equal(status, 0, err);
    }

    /** What it printed. */
    async function applyWell(node: TestNode, stateDir: string, one: ReferenceCase): Promise<string> {
      const { status, out, err } = await context.residents.run(argumentsFor(node, stateDir, one), {});
      assert.equal(status, 0, err);
      return out;
    }

    /** As one that is killed when it has nothing left to do but to say so. */
    async function applyAndDie(node: TestNode, stateDir: string, one: ReferenceCase): Promise<void> {
      await applyWell(node, stateDir, one);
      const state = stateFolder(stateDir);
      renameSync(join(state, 'last-apply.json'), join(state, 'pending-apply.json'));
    }

    /** A chain of a Service, of many that an apply of IPv4 wrote. */
    async function emptyOneChain(node: TestNode): Promise<void> {
      const key = [...(await node.state()).keys()].find((one) => one.startsWith('ipv4 nat KUBE-SVC-'));
      await node.runner.run(`iptables-${variant}`, ['-t', 'nat', '-F', key?.split(' ')[2] ?? '']);
    }

    /** Whether the killed one had changed something. */
    async function killAndRepair(call: string, kill: Fault, fresh: NodeState): Promise<boolean> {
      return await withNode(context, scene, async (node, stateDir) => {
        const old = withoutNfacct(await node.state());
        const run = context.tools.start({ [call]: kill });
        const { signal } = await runChainsmith(applyArguments(node, stateDir), run.environment);
        assert.equal(signal, 'SIGKILL', `${kill} of ${call}`);
        await node.settle();
        const between = withoutNfacct(await node.state());
        const repair = await context.residents.run(applyArguments(node, stateDir), {});
        assert.equal(repair.status, 0, repair.err);
        assert.deepEqual(stateDifferences(fresh, ownPart(await node.state())), []);
        const changed = stateDifferences(old, between).length > 0;
        const back = await undo(node, stateDir);
        assert.equal(back.status, 0, `${kill} of ${call}: ${back.err}`);
        assert.deepEqual(
          stateDifferences(old, withoutNfacct(await node.state())),
          [],
          `${kill} of ${call}, and undone`,
        );
        return changed;
      });
    }
  });
}

function isCommit(call: string): boolean {
  return call.includes('-restore_--noflush');
}
