// What is tested before the first COMMIT: all that is committed behind it. Wherever the fault is, nothing is written.
import assert from 'node:assert/strict';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import type { SavedChain } from '../../src/core/ruleset/saved-rules.ts';
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

const PREFIX = 'chainsmith-tested';
const TIMEOUT_MS = 60_000;

const DUMP = [
  '*nat\n:KUBE-SVC-A - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:OTHER - [0:0]\n',
  '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n-A OTHER -j KUBE-MARK-MASQ\nCOMMIT\n',
].join('');

const about = { reason: 'test' } as const;
const create = (table: string, chain: string, rules: string): ChainChange => ({
  ...about,
  kind: 'create-chain',
  table,
  chain,
  next: { rules },
});
const jump: ChainChange = {
  ...about,
  kind: 'replace-chain',
  table: 'nat',
  chain: 'KUBE-SVC-A',
  previous: { rules: '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n' },
  next: { rules: '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n-A KUBE-SVC-A -j KUBE-SEP-A\n' },
};

const DNAT = create('nat', 'KUBE-SEP-A', '-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.0.0.1:80\n');
const BAD_DNAT = create('nat', 'KUBE-SEP-A', '-A KUBE-SEP-A -p tcp -m tcp --dport 99999 -j ACCEPT\n');
const REJECT = create('filter', 'KUBE-SERVICES', '-A KUBE-SERVICES -d 10.0.0.9/32 -j REJECT\n');
const BAD_REJECT = create('filter', 'KUBE-SERVICES', '-A KUBE-SERVICES -d 10.0.0.999/32 -j REJECT\n');

function planOf(ipv4: readonly ChainChange[], ipv6: readonly ChainChange[] = []): Plan {
  return {
    families: [
      { family: 'ipv4', changes: ipv4, notes: [] },
      { family: 'ipv6', changes: ipv6, notes: [] },
    ],
    sysctls: [],
    nfacct: [],
  };
}

interface TestedNode {
  readonly context: ApplyContext;
  /** The commands that wrote or tested, in the order of their starts. */
  readonly commands: readonly string[];
  /** The chains of IPv4, by `TABLE/CHAIN`. */
  readonly rules: () => Promise<ReadonlyMap<string, string>>;
}

async function withNode(variant: Variant, run: (node: TestedNode) => Promise<void>): Promise<void> {
  const name = `${uniqueName(PREFIX)}-node`;
  await createNamespace(hostRunner, name);
  try {
    const inside = runnerInNamespace(hostRunner, name);
    const commands: string[] = [];
    const runner: CommandRunner = {
      ...inside,
      run: async (command, args, options) => {
        if (command.endsWith('-restore') && !args.includes('--version')) {
          commands.push(args.includes('--test') ? `${command} --test` : command);
        }
        return await inside.run(command, args, options);
      },
    };
    await inside.run(`iptables-${variant}-restore`, [], { input: DUMP });
    const read = async (): Promise<Awaited<ReturnType<typeof observeNode>>> =>
      await observeNode(inside, variant, ['ipv4', 'ipv6'], { timeoutMs: TIMEOUT_MS });
    const { families: observed, observeMs } = await read();
    const context = { runner, variant, timeoutMs: TIMEOUT_MS, lockSeconds: 20, observed, observeMs };
    const rules = async (): Promise<ReadonlyMap<string, string>> => {
      const tables = (await read()).families[0]?.saved.tables ?? [];
      return new Map(tables.flatMap((t) => [...t.chains.values()].flatMap(entryOf(t.name))));
    };
    await run({ context, commands, rules });
  } finally {
    await removeNamespace(hostRunner, name);
  }
}

/** Without empty built-in chains: iptables-legacy has those of a table from when it first looks at it. */
const entryOf =
  (table: string) =>
  ({ name, policy, rules }: SavedChain): readonly (readonly [string, string])[] =>
    policy !== '-' && rules === '' ? [] : [[`${table}/${name}`, rules]];

async function isRefused(plan: Plan, variant: Variant, bad: RegExp, tests: readonly string[]): Promise<void> {
  await withNode(variant, async ({ context, commands, rules }) => {
    const before = await rules();
    await assert.rejects(applyPlan(plan, context, inEffect), (error) => {
      assert.ok(error instanceof ApplyFailed);
      assert.equal(error.outcome.kind, 'unchanged');
      assert.match(error.details.join('\n'), bad);
      return true;
    });
    assert.deepEqual(
      commands.filter((command) => command.endsWith('--test')),
      tests,
    );
    assert.deepEqual(await rules(), before);
  });
}

describe('what is committed behind the first table is tested before it', function () {
  this.timeout(60_000);
  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });

  for (const variant of VARIANTS) {
    const [ipv4, ipv6] = [`iptables-${variant}-restore`, `ip6tables-${variant}-restore`] as const;
    const nat = [DNAT, jump];

    it(`and a change of one table is read by its restore alone: iptables-${variant}`, async () => {
      await withNode(variant, async ({ context, commands, rules }) => {
        await applyPlan(planOf(nat), context, inEffect);
        assert.deepEqual(commands, [ipv4]);
        const after = await rules();
        const dnat = canonicalRule('-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.0.0.1:80\n', 'ipv4');
        assert.equal(canonicalRule(after.get('nat/KUBE-SEP-A') ?? '', 'ipv4'), dnat);
        assert.equal(after.get('nat/OTHER'), '-A OTHER -j KUBE-MARK-MASQ\n');
      });
    });

    it(`and two tables and two families are loaded: iptables-${variant}`, async () => {
      await withNode(variant, async ({ context, commands, rules }) => {
        const reject6 = create('filter', 'KUBE-SERVICES', '-A KUBE-SERVICES -d fd00::9/128 -j REJECT\n');
        await applyPlan(planOf([...nat, REJECT], [reject6]), context, inEffect);
        assert.deepEqual([...commands].sort(), [ipv6, `${ipv6} --test`, ipv4, `${ipv4} --test`]);
        const after = await rules();
        assert.match(after.get('nat/KUBE-SEP-A') ?? '', /10\.0\.0\.1:80/);
        assert.match(after.get('filter/KUBE-SERVICES') ?? '', /10\.0\.0\.9/);
      });
    });

    it(`so nothing is written if the first table is refused: iptables-${variant}`, async () => {
      const bad = /> +\d+ -A KUBE-SEP-A -p tcp -m tcp --dport 99999/;
      await isRefused(planOf([BAD_DNAT, jump]), variant, bad, []);
    });

    it(`so nothing is written if the second table is refused: iptables-${variant}`, async () => {
      await isRefused(planOf([...nat, BAD_REJECT]), variant, /> +\d+ -A KUBE-SERVICES -d 10\.0\.0\.999/, [
        `${ipv4} --test`,
      ]);
    });

    it(`so nothing is written if the second family is refused: iptables-${variant}`, async () => {
      const bad = create('nat', 'KUBE-SERVICES', '-A KUBE-SERVICES -d fd00::99999/128 -j REJECT\n');
      await isRefused(planOf(nat, [bad]), variant, /> +\d+ -A KUBE-SERVICES -d fd00::99999/, [`${ipv6} --test`]);
    });
  }
});
