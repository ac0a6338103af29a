// A small change of a node with many chains: where it is tested, and that a fault is found all the same.
import assert from 'node:assert/strict';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import type { ChainChange, Plan } from '../../src/core/plan/plan.ts';
import { hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import { ApplyFailed } from '../../src/host/iptables/apply-failed.ts';
import { applyPlan, inEffect, type ApplyContext } from '../../src/host/iptables/apply-plan.ts';
import { observeNode } from '../../src/host/iptables/plan-node.ts';
import type { Variant } from '../../src/host/iptables/tools.ts';
import { createNamespace, removeNamespace, runnerInNamespace, uniqueName } from '../../src/host/netns.ts';
import { removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-large';
const CHAINS = 2500;
const TIMEOUT_MS = 60_000;

const DUMP = [
  '*nat\n:KUBE-SVC-A - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n',
  ...Array.from({ length: CHAINS }, (_, i) => `:OTHER-${i} - [0:0]\n`),
  '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n-A OTHER-7 -j OTHER-8\nCOMMIT\n',
].join('');

function planOf(rules: string): Plan {
  const about = { table: 'nat', reason: 'test' } as const;
  const changes: readonly ChainChange[] = [
    { ...about, kind: 'create-chain', chain: 'KUBE-SEP-A', next: { rules } },
    {
      ...about,
      kind: 'replace-chain',
      chain: 'KUBE-SVC-A',
      previous: { rules: '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n' },
      next: { rules: '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n-A KUBE-SVC-A -j KUBE-SEP-A\n' },
    },
  ];
  return { families: [{ family: 'ipv4', changes, notes: [] }], sysctls: [], nfacct: [] };
}

interface LargeNode {
  readonly context: ApplyContext;
  /** The tests that were run, without their arguments: in a namespace of their own, or on the node. */
  readonly tests: readonly string[];
  /** The chain's rules now; undefined if it is not there. */
  readonly rulesOf: (chain: string) => Promise<string | undefined>;
}

async function withLargeNode(variant: Variant, run: (node: LargeNode) => Promise<void>): Promise<void> {
  const name = `${uniqueName(PREFIX)}-node`;
  await createNamespace(hostRunner, name);
  try {
    const inside = runnerInNamespace(hostRunner, name);
    const tests: string[] = [];
    const runner: CommandRunner = {
      ...inside,
      run: async (command, args, options) => {
        const words = [command, ...args];
        if (command === 'unshare') tests.push(words.slice(0, 3).join(' '));
        else if (words.includes('--test')) tests.push(command);
        return await inside.run(command, args, options);
      },
    };
    await inside.run(`iptables-${variant}-restore`, [], { input: DUMP });
    const read = async (): Promise<Awaited<ReturnType<typeof observeNode>>> =>
      await observeNode(inside, variant, ['ipv4'], { timeoutMs: TIMEOUT_MS });
    const { families: observed, observeMs } = await read();
    const context = { runner, variant, timeoutMs: TIMEOUT_MS, lockSeconds: 20, observed, observeMs };
    const rulesOf = async (chain: string): Promise<string | undefined> =>
      (await read()).families[0]?.saved.tables.find((table) => table.name === 'nat')?.chains.get(chain)?.rules;
    await run({ context, tests, rulesOf });
  } finally {
    await removeNamespace(hostRunner, name);
  }
}

describe('a small change of a node with many chains', function () {
  this.timeout(60_000);
  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });

  for (const variant of VARIANTS) {
    const onNode = `iptables-${variant}-restore`;
    const alone = `unshare --net ${onNode}`;

    it(`is loaded, and chains of others stay: iptables-${variant}`, async () => {
      await withLargeNode(variant, async ({ context, tests, rulesOf }) => {
        const rules = '-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.0.0.1:80\n';
        await applyPlan(planOf(rules), context, inEffect);
        assert.deepEqual(tests, [alone]);
        assert.equal(canonicalRule((await rulesOf('KUBE-SEP-A')) ?? '', 'ipv4'), canonicalRule(rules, 'ipv4'));
        assert.equal(await rulesOf('OTHER-7'), '-A OTHER-7 -j OTHER-8\n');
      });
    });

    it(`is refused with the words of the node's own test: iptables-${variant}`, async () => {
      await withLargeNode(variant, async ({ context, tests, rulesOf }) => {
        const failed = applyPlan(planOf('-A KUBE-SEP-A -p tcp -m tcp --dport 99999 -j ACCEPT\n'), context, inEffect);
        await assert.rejects(failed, (error) => {
          assert.ok(error instanceof ApplyFailed);
          assert.equal(error.outcome.kind, 'unchanged');
          assert.match(error.details.join('\n'), /> +\d+ -A KUBE-SEP-A -p tcp -m tcp --dport 99999/);
          return true;
        });
        assert.deepEqual(tests, [alone, onNode]);
        assert.equal(await rulesOf('KUBE-SEP-A'), undefined);
      });
    });
  }
});
