// Others at work on the same node at the same time: a second chainsmith, people with iptables -I, a kube-proxy, and the tools of a chainsmith
// that was killed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { CommandFailed } from '../../src/host/exec.ts';
import { isEmptyPlan } from '../../src/core/plan/plan.ts';
import { ApplyFailed } from '../../src/host/iptables/apply-failed.ts';
import { toolsOf } from '../../src/host/iptables/tools.ts';
import { FAMILIES } from './support/cluster.ts';
import { applyArguments, argumentsFor, NEW, OLD } from './support/fault-scene.ts';
import { assertClear, withNode } from './support/fault-trial.ts';
import { useTrials } from './support/use-trials.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { stateDifferences, withoutNfacct } from './support/node-state.ts';
import type { ReferenceCase } from './support/reference-cases.ts';
import { runChainsmith } from './support/run-chainsmith.ts';
import type { TestNode } from './support/test-node.ts';

const PREFIX = 'chainsmith-crowd';

for (const variant of VARIANTS) {
  describe(`apply among others, iptables-${variant}`, function () {
    this.timeout(200_000);
    const context = useTrials(PREFIX);
    const scene = { variant, before: 'loaded' } as const;

    async function hasAllOf(node: TestNode, one: ReferenceCase): Promise<boolean> {
      return isEmptyPlan(await node.plan(one.desired));
    }

    it('two appliers: one after the other, and the node has all that the last one said', async () => {
      for (let round = 0; round < 4; round++) {
        await withNode(context, scene, async (node, stateDir) => {
          const both = [NEW, OLD].map((one) => runChainsmith(argumentsFor(node, stateDir, one), {}));
          const [first, second] = await Promise.all(both);
          assert.equal(first?.status, 0, first?.err);
          assert.equal(second?.status, 0, second?.err);
          const has = [await hasAllOf(node, NEW), await hasAllOf(node, OLD)];
          assert.equal(has.filter((all) => all).length, 1, String(has));
        });
      }
    });

    it('a second applier does not wait for ever, and says for whom it waits', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        const save = variant === 'nft' ? 'iptables-nft-save_.1' : 'iptables-legacy-save_.1';
        const run = context.tools.start({ [save]: 'hang' });
        const slow = runChainsmith(applyArguments(node, stateDir, 6), run.environment);
        while (run.injected().length === 0) await sleep(20);
        const second = await runChainsmith(applyArguments(node, stateDir), {});
        assert.equal(second.status, 1);
        assertClear(second);
        assert.match(second.err, /another chainsmith \(process \d+\) is at work/);
        assertClear(await slow);
        await node.apply(NEW.desired);
      });
    });

    it('one inside of the namespace and one outside exclude each other', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        const outside = applyArguments(node, stateDir, 6);
        const inside = outside.filter((arg, i) => arg !== '--netns' && outside[i - 1] !== '--netns');
        assert.equal(inside.length, outside.length - 2);
        const save = variant === 'nft' ? 'iptables-nft-save_.1' : 'iptables-legacy-save_.1';
        const run = context.tools.start({ [save]: 'hang' });
        const slow = runChainsmith(inside, run.environment, `exec ip netns exec ${node.name} "$@"`);
        while (run.injected().length === 0) await sleep(20);
        const second = await runChainsmith(applyArguments(node, stateDir), {});
        assert.equal(second.status, 1);
        assert.match(second.err, /another chainsmith \(process \d+\) is at work/);
        assertClear(await slow);
      });
    });

    it('killed while a tool goes on: the next one waits for that tool, and has the last word', async () => {
      const commit = `iptables-${variant}-restore_--noflush_--counters_-w_2.1`;
      await withNode(context, scene, async (node, stateDir) => {
        const run = context.tools.start({ [commit]: 'orphan-slow' });
        const { signal } = await runChainsmith(applyArguments(node, stateDir), run.environment);
        assert.equal(signal, 'SIGKILL');
        const args = argumentsFor(node, stateDir, OLD).map((arg, i, all) =>
          all[i - 1] === '--lock-timeout' ? '20' : arg,
        );
        const next = await runChainsmith(args, {});
        assert.equal(next.status, 0, next.err);
        await node.settle();
        assert.ok(await hasAllOf(node, OLD));
      });
    });

    it('Ctrl-C on the terminal while it reads: it ends, and the tools do not complain', async () => {
      for (const call of [`iptables-${variant}-save_.1`, 'cat__proc_net_netlink.1', 'nfacct_list.1']) {
        await withNode(context, scene, async (node, stateDir) => {
          const old = await node.state();
          const run = context.tools.start({ [call]: 'group-INT' });
          const { status, err } = await runChainsmith(
            applyArguments(node, stateDir),
            run.environment,
            'exec setsid "$@"',
          );
          assert.equal(run.injected().length, 1, call);
          assert.equal(status, 130, `${call}: ${err}`);
          assert.match(err, /interrupted: nothing was changed\n$/);
          assert.deepEqual(stateDifferences(old, await node.state()), []);
        });
      }
    });

    it('rules that people insert and delete meanwhile are all there, and so are ours', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        let inserted = 0;
        const stop = new AbortController();
        const tool = `iptables-${variant}`;
        const rule = (n: number): readonly string[] => ['-s', `192.0.2.${n}`, '-p', 'icmp', '-j', 'ACCEPT'];
        const people = (async () => {
          while (!stop.signal.aborted && inserted < 200) {
            inserted += 1;
            await node.runner.run(tool, ['-w', '20', '-I', 'INPUT', ...rule(inserted)]);
            if (inserted % 3 === 0) await node.runner.run(tool, ['-w', '20', '-D', 'INPUT', ...rule(inserted)]);
          }
        })();
        for (const one of [NEW, OLD, NEW]) {
          const { status, err } = await runChainsmith(argumentsFor(node, stateDir, one), {});
          assert.equal(status, 0, err);
          assert.ok(await hasAllOf(node, one), one.name);
        }
        stop.abort();
        await people;
        const input = (await node.state()).get('ipv4 filter INPUT') ?? '';
        for (let n = 1; n <= inserted; n++)
          assert.equal(input.includes(`-s 192.0.2.${n}/32 `), n % 3 !== 0, `rule ${n}`);
        assert.ok(inserted > 10, `${inserted} rules`);
      });
    });

    it('somebody who puts everything back before it is read back: what the node has, and that it was loaded, is said', async () => {
      await withNode(context, { variant, before: 'fresh' }, async (node) => {
        const old = withoutNfacct(await node.state());
        const dumps = FAMILIES.map(async (family) => {
          const { save, restore } = toolsOf(variant, family);
          const { stdout } = await node.runner.run(save, ['-c']);
          return { restore, input: `*nat\nCOMMIT\n*filter\nCOMMIT\n*mangle\nCOMMIT\n${stdout}` };
        });
        const before = await Promise.all(dumps);
        const putBack = (step: string): void => {
          if (step !== 'reading the rules back') return;
          for (const { restore, input } of before)
            execFileSync('ip', ['netns', 'exec', node.name, restore, '-c', '-w', '20'], { input });
        };
        const failure: unknown = await node.apply(OLD.desired, putBack).catch((error: unknown) => error);
        assert.ok(failure instanceof ApplyFailed);
        assert.equal(failure.outcome.kind, 'gone', failure.details.join('\n'));
        assert.match(failure.message, /^the rules were loaded, but the node does not have them$/);
        assert.match(failure.details.at(-1) ?? '', /^Another program has put back what was there meanwhile/);
        assert.match(failure.details[0] ?? '', /^ipv4 \w+ \S+(?: is not there$|: )/);
        assert.deepEqual(stateDifferences(old, withoutNfacct(await node.state())), []);
      });
    });

    it('with a kube-proxy that writes other rules all the time: right at the end, or a clear error', async () => {
      await withNode(context, scene, async (node, stateDir) => {
        const stop = new AbortController();
        let writes = 0;
        const proxy = (async () => {
          const compiled = OLD.desired.find(({ family }) => family === 'ipv4');
          const text = compiled === undefined ? '' : ourChains(printRules(compiled));
          while (!stop.signal.aborted) {
            const { restore } = toolsOf(variant, 'ipv4');
            await node.runner
              .run(restore, ['--noflush', '--counters', '-w', '20'], { input: text })
              .catch((error: unknown) => {
                if (!(error instanceof CommandFailed)) throw error;
              });
            writes += 1;
          }
        })();
        const statuses: (number | undefined)[] = [];
        for (let round = 0; round < 3; round++) {
          const ended = await runChainsmith(applyArguments(node, stateDir), {});
          statuses.push(ended.status);
          if (ended.status !== 0) assertClear(ended);
        }
        stop.abort();
        await proxy;
        assert.ok(writes > 3, `${writes} writes, ${statuses.join()}`);
        await node.apply(NEW.desired);
        assert.ok(await hasAllOf(node, NEW));
      });
    });
  });
}

/** As kube-proxy writes them: built-in chains are left alone. */
function ourChains(printed: string): string {
  return printed
    .split('\n')
    .filter((line) => !/^(?::|-A )(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) /.test(line))
    .join('\n');
}
