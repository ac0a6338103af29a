// A first load of many Services on iptables-legacy: the restore gets their chains while they are compiled, and commits only what was planned.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainChange, Plan } from '../../src/core/plan/plan.ts';
import type { CompiledChain } from '../../src/core/ruleset/compiled-rules.ts';
import { hostRunner } from '../../src/host/exec.ts';
import { applyPlan, inEffect, type ApplyContext } from '../../src/host/iptables/apply-plan.ts';
import { observeNode } from '../../src/host/iptables/plan-node.ts';
import { StreamedRestore } from '../../src/host/iptables/streamed-restore.ts';
import { runnerInNamespace } from '../../src/host/netns.ts';
import { clusterJson, NODE, POD_RANGE } from '../../scripts/benchmark/cluster.ts';
import { runCli, type CliResult } from '../cli/run-cli.ts';
import { runChainsmith } from './support/run-chainsmith.ts';
import { useNamespace } from './support/use-namespace.ts';

const SERVICES = 300;
const RESTORE = 'iptables-legacy-restore';

describe('a first load of many Services on iptables-legacy', function () {
  this.timeout(120_000);
  const place = useNamespace('chainsmith-streamed');
  const path = (name: string): string => join(place.folder, name);

  /** Puts a script before the restore; `$REAL` is the tool. What it reads is kept in the file `payload`. */
  function around(script: string): Readonly<Record<string, string>> {
    const folder = path('tools');
    mkdirSync(folder, { recursive: true });
    rmSync(path('payload'), { force: true });
    const real = `PATH=\${PATH#*:} exec ${RESTORE} "$@"`;
    const tool = `#!/bin/bash\nreal() { ${real}; }\ncase "$*" in *--test*|*--version*) real "$@";; esac\n${script}\n`;
    writeFileSync(join(folder, RESTORE), tool);
    chmodSync(join(folder, RESTORE), 0o755);
    return { PATH: `${folder}:${process.env['PATH'] ?? ''}`, PAYLOAD: path('payload') };
  }

  const RECORDED = 'tee "$PAYLOAD" | real "$@"; exit ${PIPESTATUS[1]}';

  function run(
    command: string,
    input: string,
    env: Readonly<Record<string, string>>,
    more: readonly string[] = [],
    state = 'state',
  ): CliResult {
    const file = path('input.json');
    writeFileSync(file, input);
    const node = ['--node', NODE, '--cluster-cidr', POD_RANGE, '--netns', place.netns, '--variant', 'legacy', '-q'];
    const stateDir = command === 'apply' ? ['--state-dir', path(state)] : [];
    return runCli([command, '-f', file, ...node, ...stateDir, ...more], { env });
  }

  function undo(): void {
    const { status, err } = runCli(['undo', '--yes', '--netns', place.netns, '--state-dir', path('state'), '-q']);
    assert.equal(status, 0, err);
  }

  function cleanUp(): void {
    const { status, err } = runCli(['cleanup', '--yes', '--netns', place.netns, '-q']);
    assert.equal(status, 0, err);
  }

  const save = async (): Promise<string> =>
    (await runnerInNamespace(hostRunner, place.netns).run('iptables-legacy-save', [])).stdout;

  const hasServices = async (): Promise<boolean> => /KUBE-SEP/.test(await save());

  /** Whether chains are declared behind rules. */
  function isInParts(): boolean {
    const [nat = ''] = readFileSync(path('payload'), 'utf8').split('COMMIT\n');
    return nat.lastIndexOf('\n:KUBE-SEP-') > nat.indexOf('\n-A ');
  }

  /** What the tool was given by the first test, and is given by all that begin with the same. */
  let lines: readonly string[] = [];

  it('gets the rules in parts, and the node has all of them', async () => {
    const applied = run('apply', clusterJson(SERVICES, 2), around(RECORDED));
    assert.equal(applied.status, 0, applied.err);
    assert.ok(isInParts());
    lines = readFileSync(path('payload'), 'utf8').split('\n');
    const planned = run('plan', clusterJson(SERVICES, 2), {});
    assert.equal(planned.out, 'No changes. The node has these rules.\n');
    assert.equal((await save()).match(/^:KUBE-SEP-/gm)?.length, 2 * SERVICES);
  });

  it('goes the ordinary way where the node has Services already, and undo takes it back', async () => {
    const before = await save();
    const applied = run('apply', clusterJson(SERVICES, 2, 1), around(RECORDED));
    assert.equal(applied.status, 0, applied.err);
    assert.ok(!isInParts());
    assert.equal((await save()).match(/^:KUBE-SEP-/gm)?.length, 2 * SERVICES + 1);
    undo();
    const withoutTimes = (text: string): string => text.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
    assert.equal(withoutTimes(await save()), withoutTimes(before));
  });

  it('goes the ordinary way where somebody else has loaded Services', async () => {
    const applied = run('apply', clusterJson(SERVICES, 2, 1), around(RECORDED), [], 'other');
    assert.equal(applied.status, 0, applied.err);
    assert.ok(!isInParts());
    assert.equal((await save()).match(/^:KUBE-SEP-/gm)?.length, 2 * SERVICES + 1);
  });

  it('is proved as a whole before the restore has a rule of it', async () => {
    cleanUp();
    const applied = run('apply', clusterJson(SERVICES, 2), around(RECORDED), ['--verify', 'full']);
    assert.equal(applied.status, 0, applied.err);
    assert.ok(!isInParts());
    undo();
    assert.ok(!(await hasServices()));
  });

  it('is kept where the plan cannot be shown, and that is said', async () => {
    writeFileSync(path('input.json'), clusterJson(SERVICES, 2));
    const node = ['--node', NODE, '--cluster-cidr', POD_RANGE, '--netns', place.netns, '--variant', 'legacy'];
    const args = ['apply', '-f', path('input.json'), ...node, '--state-dir', path('state')];
    const { status, err } = await runChainsmith(args, around(RECORDED), 'exec "$@" > /dev/full');
    assert.equal(status, 1);
    assert.match(err, /^error: the rules were loaded, but not shown: cannot write standard output: .*space/m);
    assert.ok(isInParts());
    assert.equal((await save()).match(/^:KUBE-SEP-/gm)?.length, 2 * SERVICES);
    undo();
    assert.ok(!(await hasServices()));
  });

  it('shows the plan also where it fails', async () => {
    const applied = run('apply', clusterJson(SERVICES, 2), around('cat > /dev/null; exit 1'));
    assert.equal(applied.status, 1);
    assert.match(applied.out, /^Plan for IPv4: \d+ chains to create/m);
    assert.ok(!(await hasServices()));
  });

  it('is not begun with an input that is not good', async () => {
    const bad = clusterJson(SERVICES, 2).replace('"port":80,', '"port":0,');
    const applied = run('apply', bad, around(RECORDED));
    assert.equal(applied.status, 1);
    assert.match(applied.err, /nothing was changed/);
    assert.equal(existsSync(path('payload')) ? readFileSync(path('payload'), 'utf8') : '', '');
    assert.ok(!(await hasServices()));
  });

  it('shows the line that the tool does not take, and those around it', async () => {
    // The tool sees another port than it was given, in a line far down.
    const spoil = `NR > 1000 && !n && sub(/:8080$/, ":nothing") { n = NR } { print; fflush() }`;
    const applied = run('apply', clusterJson(SERVICES, 2), around(`awk '${spoil}' | real "$@"`));
    assert.equal(applied.status, 1);
    const at = lines.findIndex((line, i) => i >= 1000 && line.endsWith(':8080'));
    assert.match(lines[at] ?? '', /^-A KUBE-SEP-\w+ -p tcp .*--to-destination 10\.\d+\.\d+\.\d+:8080$/);
    const shown = applied.err.split('\n').map((line) => line.trim());
    assert.deepEqual(
      shown.filter((line) => /^(?:> +)?\d+ [-:]/.test(line)).map((line) => line.replace(/^> +/, '> ')),
      [-3, -2, -1, 0, 1, 2, 3].map((by) => `${by === 0 ? '> ' : ''}${at + by + 1} ${lines[at + by]}`),
    );
    assert.ok(!(await hasServices()));
  });

  const SEP: CompiledChain = {
    table: 'nat',
    name: 'KUBE-SEP-A',
    policy: '-',
    rules: '-A KUBE-SEP-A -s 10.0.0.1/32 -j KUBE-MARK-MASQ\n',
    purpose: '',
  };
  const create = (chain: string, rules: string): ChainChange => ({
    kind: 'create-chain',
    table: 'nat',
    chain,
    reason: 'test',
    next: { rules },
  });
  const MARK = create('KUBE-MARK-MASQ', '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n');
  const planOf = (...changes: readonly ChainChange[]): Plan => ({
    families: [{ family: 'ipv4', changes, notes: [] }],
    sysctls: [],
    nfacct: [],
  });

  async function applyStreamed(plan: Plan): Promise<void> {
    const runner = runnerInNamespace(hostRunner, place.netns);
    const options = { timeoutMs: 60_000, lockSeconds: 5 };
    const node = await observeNode(runner, 'legacy', ['ipv4'], options);
    const streamed = new StreamedRestore(runner, 'ipv4', options);
    streamed.begin(node.families[0]?.saved ?? { tables: [] });
    streamed.add('ipv6', [{ ...SEP, name: 'KUBE-SEP-SIX' }]);
    streamed.add('ipv4', [SEP]);
    const { families: observed, observeMs } = node;
    const context: ApplyContext = { runner, variant: 'legacy', ...options, observed, observeMs, streamed };
    await applyPlan(plan, context, inEffect);
  }

  it('gives way to a plan that does not have its chains, and lets the lock go', async () => {
    const masked = create('KUBE-SEP-B', '-A KUBE-SEP-B -s 10.0.0.2/32 -j KUBE-MARK-MASQ\n');
    await applyStreamed(planOf(MARK, masked));
    const saved = await save();
    assert.match(saved, /^-A KUBE-SEP-B /m);
    assert.doesNotMatch(saved, /KUBE-SEP-A|KUBE-SEP-SIX/);
    cleanUp();
  });

  it('is committed with a plan that has them', async () => {
    await applyStreamed(planOf(MARK, create(SEP.name, SEP.rules)));
    const saved = await save();
    assert.match(saved, /^-A KUBE-SEP-A -s 10\.0\.0\.1\/32 -j KUBE-MARK-MASQ$/m);
    assert.match(saved, /^-A KUBE-MARK-MASQ -j MARK /m);
    assert.doesNotMatch(saved, /KUBE-SEP-SIX/);
  });
});
