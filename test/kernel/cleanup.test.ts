// Everything that kube-proxy leaves is put into one namespace among the rules of others, and cleaned up: what remains must be what others
// made, to the letter and with its counts.
import assert from 'node:assert/strict';
import { findLeftovers, type FindOptions } from '../../src/host/cleanup/find-leftovers.ts';
import { isClean } from '../../src/host/cleanup/leftovers.ts';
import { removeLeftovers, type Problem } from '../../src/host/cleanup/remove-leftovers.ts';
import type { KubeObjects } from '../../src/host/cleanup/kube-objects.ts';
import { openKubeObjects } from '../../src/host/cleanup/open-kube-objects.ts';
import { ToolsObjects } from '../../src/host/cleanup/tools-objects.ts';
import { CommandFailed, hostRunner, type CommandResult, type CommandRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { executorNames } from '../../src/host/ipvs/kube-ipvs.ts';
import { fieldOf } from '../../src/core/util/mapping.ts';
import { Lab, removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { runCli } from '../cli/run-cli.ts';
import {
  addForeign,
  addIptablesMode,
  addIpvsMode,
  addNftablesMode,
  addRules,
  ipvsCases,
  wholeState,
} from './support/leftovers.ts';
import { requireKernel } from './support/requirements.ts';
import { runChainsmith } from './support/run-chainsmith.ts';

const PREFIX = 'chainsmith-cleanup';
const FIND: Omit<FindOptions, 'kernel'> = {
  variants: ['nft', 'legacy'],
  rulesOnly: false,
  all: false,
  timeoutMs: 60_000,
};

/** Commands in a namespace, and what speaks to its kernel. */
interface Place {
  readonly runner: CommandRunner;
  readonly kernel: KubeObjects;
}

async function clean({ runner, kernel }: Place): Promise<readonly Problem[]> {
  const found = await findLeftovers(runner, { ...FIND, kernel });
  return await removeLeftovers(found, { runner, kernel, all: false, timeoutMs: 60_000, lockSeconds: 20 });
}

async function fill(runner: CommandRunner): Promise<void> {
  await addIptablesMode(runner, 'dual-stack');
  await addIpvsMode(runner, 'dual-stack');
  await addNftablesMode(runner, 'dual-stack');
}

for (const executor of executorNames)
  describe(`cleanup, in the kernel, ${executor}`, () => {
    let lab: Lab;
    /** What a namespace holds in which only others were at work. */
    let foreign: string;
    let made = 0;

    /** A host of its own for each test, with the rules of others, and between them what `between` adds. */
    async function host(between: (runner: CommandRunner) => Promise<void>): Promise<string> {
      const name = `node${(made += 1)}`;
      await lab.addHost(name);
      await addForeign(lab.on(name), async () => await between(lab.on(name)));
      return name;
    }

    const opened: KubeObjects[] = [];

    function place(name: string): Place {
      const runner = lab.on(name);
      const namespacePath = `/run/netns/${lab.namespaceOf(name)}`;
      const kernel = openKubeObjects(executor, { runner, namespacePath, timeoutMs: 60_000 });
      opened.push(kernel);
      return { runner, kernel };
    }

    const cleanup = (...args: readonly string[]): ReturnType<typeof runCli> =>
      runCli(['cleanup', '--executor', executor, ...args]);

    before(async function () {
      requireKernel(this);
      await removeAbandonedLabs(hostRunner, PREFIX);
      lab = new Lab(hostRunner, PREFIX);
      foreign = await wholeState(lab.on(await host(async () => {})));
    });
    after(async () => {
      for (const kernel of opened) kernel.close();
      await lab?.remove();
    });

    it('leaves what others made, with its counts, and nothing else', async () => {
      const name = await host(fill);
      const netns = ['--netns', lab.namespaceOf(name)];
      const before = await wholeState(lab.on(name));
      assert.ok(before.length > foreign.length * 5);
      const dry = cleanup('--dry-run', ...netns);
      assert.deepEqual([dry.status, await wholeState(lab.on(name))], [2, before]);
      const refused = cleanup(...netns);
      assert.deepEqual([refused.status, await wholeState(lab.on(name))], [1, before]);
      assert.match(refused.err, /^error: nothing was removed: there is no terminal to ask on$/m);
      const { status, out, err } = cleanup('--yes', ...netns);
      assert.deepEqual([status, out], [0, `${dry.out}All of this was removed.\n`], err);
      assert.equal(await wholeState(lab.on(name)), foreign);
      const again = cleanup('--dry-run', ...netns);
      assert.deepEqual(
        [again.status, again.out],
        [0, `There is nothing to remove from the network namespace ${netns[1]}.\n`],
      );
    });

    it('says all of it as JSON', async () => {
      const name = await host(fill);
      const { status, out } = cleanup('--yes', '-o', 'json', '--netns', lab.namespaceOf(name));
      assert.equal(status, 0);
      const data: unknown = JSON.parse(out);
      assert.equal(fieldOf(data, 'kind'), 'Cleanup');
      assert.deepEqual(fieldOf(data, 'link'), { name: 'kube-ipvs0', addresses: ['10.96.1.1'] });
      assert.deepEqual(fieldOf(data, 'nftTables'), ['ip kube-proxy', 'ip6 kube-proxy']);
      assert.deepEqual([fieldOf(data, 'removed'), fieldOf(data, 'problems')], [true, []]);
      const tables = fieldOf(data, 'iptables');
      assert.ok(Array.isArray(tables) && tables.length === 12, 'two variants, two families, three tables');
      assert.equal(await wholeState(lab.on(name)), foreign);
    });

    it('removes recorded states of ipvs mode', async function () {
      const cases = ipvsCases().filter((_, i) => i % 3 === 0);
      assert.ok(cases.length > 10, `${cases.length}`);
      const at = place(await host(async () => {}));
      for (const one of cases) {
        await addIpvsMode(at.runner, one);
        assert.ok(!isClean(await findLeftovers(at.runner, { ...FIND, kernel: at.kernel })));
        assert.deepEqual(await clean(at), [], one);
        assert.equal(await wholeState(at.runner), foreign, one);
      }
    });

    it('touches nothing but the rules of one variant where it is told so', async () => {
      const name = await host(fill);
      const netns = lab.namespaceOf(name);
      const parts = (state: string): readonly string[] => state.split(/^(?=legacy$|ipset save$|ip -o link)/m);
      const [nft, ...rest] = parts(await wholeState(lab.on(name)));
      assert.equal(cleanup('--yes', '--variant', 'legacy', '--netns', netns).status, 0);
      const [nftAfter, ...after] = parts(await wholeState(lab.on(name)));
      const [, ...ofOthers] = parts(foreign);
      assert.equal(nftAfter, nft);
      assert.deepEqual(after.slice(0, 2), ofOthers.slice(0, 2));
      assert.deepEqual(after.slice(2), rest.slice(2));
      assert.equal(cleanup('--yes', '--netns', netns).status, 0);
      assert.equal(await wholeState(lab.on(name)), foreign);
    });

    it('does not call a node clean whose tables it cannot read, and removes the rest', async () => {
      const name = await host(fill);
      const args = ['cleanup', '--executor', executor, '--netns', lab.namespaceOf(name)];
      const legacy = await lab.on(name).run('iptables-legacy-save', []);
      // All tools of iptables-legacy are one program.
      const hidden =
        'exec unshare -m sh -c \'mount --bind /dev/null /usr/sbin/iptables-legacy-save && exec "$@"\' sh "$@"';
      const unread =
        /^error: the kernel has legacy IPv4 tables \(.+\), and iptables-legacy-save is not installed: not looked at$/m;
      const first = await runChainsmith([...args, '--yes'], {}, hidden);
      assert.equal(first.status, 1, first.err);
      assert.match(first.err, unread);
      assert.match(first.err, /^ {2}install what iptables-legacy-save is part of: iptables 1\.8 or newer$/m);
      const again = await runChainsmith([...args, '--dry-run', '--variant', 'legacy'], {}, hidden);
      assert.equal(again.status, 1, again.err);
      assert.match(
        again.out,
        /^Nothing to remove was seen in the network namespace .*, but not all could be looked at\.\n$/,
      );
      assert.match(again.err, unread);
      const rules = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('-A'));
      assert.deepEqual(rules((await lab.on(name).run('iptables-legacy-save', [])).stdout), rules(legacy.stdout));
      assert.equal(cleanup('--yes', '--netns', lab.namespaceOf(name)).status, 0);
      assert.equal(await wholeState(lab.on(name)), foreign);
    });

    it('does not call a node clean whose rules of iptables-nft it cannot read, whether or not nft is there', async () => {
      const name = await host(fill);
      const args = ['cleanup', '--executor', executor, '--netns', lab.namespaceOf(name), '--dry-run'];
      const hidden = (...tools: readonly string[]): string => {
        const mounts = tools.map((tool) => `mount --bind /dev/null "$(command -v ${tool})"`);
        return `exec unshare -m sh -c '${mounts.join(' && ')} && exec "$@"' sh "$@"`;
      };
      // All tools of iptables-nft are one program.
      const seen = await runChainsmith(args, {}, hidden('iptables-nft-save'));
      assert.equal(seen.status, 2);
      assert.match(
        seen.err,
        /^error: the kernel has nft IPv4 tables \(.*nat.*\), and iptables-nft-save is not installed/m,
      );
      const blind = await runChainsmith(args, {}, hidden('iptables-nft-save', 'nft'));
      assert.equal(blind.status, 2);
      assert.match(
        blind.err,
        /^error: iptables-nft-save is not installed, so nothing tells whether there are IPv4 rules of iptables-nft$/m,
      );
      assert.equal(cleanup('--yes', '--netns', lab.namespaceOf(name)).status, 0);
      assert.equal(await wholeState(lab.on(name)), foreign);
    });

    it('does not call a node clean where rules of nft hide a table of iptables', async () => {
      const name = `node${(made += 1)}`;
      await lab.addHost(name);
      const runner = lab.on(name);
      for (const table of ['nat', 'filter']) {
        await addRules(
          runner,
          'nft',
          'ipv4',
          `*${table}\n:KUBE-SERVICES - [0:0]\n-A OUTPUT -j KUBE-SERVICES\nCOMMIT\n`,
        );
      }
      // An anonymous set in a chain of iptables, and a range of marks: iptables has words for neither.
      await runner.run('nft', ['add rule ip filter OUTPUT meta mark 1-5 counter log prefix "z"']);
      await runner.run('nft', ['add rule ip filter OUTPUT ip saddr . tcp dport { 192.0.2.1 . 80 } counter drop']);
      const { status, out, err } = cleanup('--yes', '--netns', lab.namespaceOf(name));
      assert.equal(status, 1, err);
      assert.match(out, /^ {2}iptables-nft IPv4 +nat +1 chain, 1 jump to them$/m);
      assert.match(err, /^error: the IPv4 table filter was not looked at: it holds rules of nft/m);
      assert.match(err, /^ {2}nft list table ip filter shows it/m);
      assert.match((await runner.run('nft', ['list', 'table', 'ip', 'filter'])).stdout, /192\.0\.2\.1 \. 80/);
    });

    it('warns of an open route_localnet when the last KUBE-FIREWALL goes, and not before', async () => {
      const name = `node${(made += 1)}`;
      await lab.addHost(name);
      const runner = lab.on(name);
      const firewall =
        '*filter\n:KUBE-FIREWALL - [0:0]\n-A INPUT -j KUBE-FIREWALL\n-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment ' +
        '--comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP\nCOMMIT\n';
      for (const variant of ['nft', 'legacy'] as const) await addRules(runner, variant, 'ipv4', firewall);
      await runner.run('tee', ['/proc/sys/net/ipv4/conf/all/route_localnet'], { input: '1' });
      const warning = /^warning: net\.ipv4\.conf\.all\.route_localnet stays 1, and KUBE-FIREWALL goes/m;
      const where = ['--yes', '--netns', lab.namespaceOf(name)];
      const first = cleanup(...where, '--variant', 'legacy', '-v');
      assert.deepEqual([first.status, first.out.includes('KUBE-FIREWALL')], [0, true], first.err);
      assert.doesNotMatch(first.err, /route_localnet/);
      assert.match(cleanup(...where).err, warning);
    });

    it('names the rule of others that stands in the way, and removes the rest', async () => {
      const name = await host(async (runner) => await addIpvsMode(runner, 'dual-stack'));
      const runner = lab.on(name);
      const mine = '*nat\n:MINE - [0:0]\n[5:5] -A MINE -s 10.0.0.1/32 -j KUBE-MARK-MASQ\nCOMMIT\n';
      await addRules(runner, 'nft', 'ipv4', mine);
      const counting = '*filter\n[6:6] -A INPUT -m set --match-set KUBE-IPVS-IPS dst -j ACCEPT\nCOMMIT\n';
      await addRules(runner, 'nft', 'ipv4', counting);
      const where = ['--netns', lab.namespaceOf(name)];
      const stays = 'iptables-nft IPv4 nat KUBE-MARK-MASQ stays: a rule of somebody else jumps to it';
      const dry: unknown = JSON.parse(cleanup('--dry-run', '-o', 'json', ...where).out);
      assert.deepEqual([fieldOf(dry, 'removed'), fieldOf(dry, 'problems')], [false, [stays]]);
      const { status, err } = cleanup('--yes', ...where);
      assert.equal(status, 1);
      assert.match(err, /^error: iptables-nft IPv4 nat KUBE-MARK-MASQ stays: a rule of somebody else jumps to it$/m);
      assert.match(err, /^ {2}-A MINE -s 10\.0\.0\.1\/32 -j KUBE-MARK-MASQ$/m);
      assert.match(err, /^note: the ipset KUBE-IPVS-IPS stays: 1 other rule or set refers to it$/m);
      assert.match(err, /^note: the ipset KUBE-LOOP-BACK stays: 1 other rule/m);
      const state = await wholeState(runner);
      const kept = [...state.matchAll(/^(?:create (KUBE-\S+)|:(KUBE-\S+)) /gm)].map((m) => m[1] ?? m[2] ?? '');
      const others = /^KUBE-(?:KUBELET-CANARY|IPTABLES-HINT|HOSTPORTS|ROUTER-INPUT|SRC-.*)$/;
      assert.deepEqual(
        kept.filter((chain) => !others.test(chain)),
        ['KUBE-MARK-MASQ', 'KUBE-POSTROUTING', 'KUBE-LOOP-BACK', 'KUBE-IPVS-IPS'].sort(byState(kept)),
      );
      await runner.run('iptables-nft', ['-t', 'nat', '-F', 'MINE']);
      await runner.run('iptables-nft', ['-t', 'nat', '-X', 'MINE']);
      await runner.run('iptables-nft', [
        '-D',
        'INPUT',
        '-m',
        'set',
        '--match-set',
        'KUBE-IPVS-IPS',
        'dst',
        '-j',
        'ACCEPT',
      ]);
      assert.equal(cleanup('--yes', '--netns', lab.namespaceOf(name)).status, 0);
      assert.equal(await wholeState(runner), foreign);
    });

    for (const kind of ['does not run', 'runs, but fails'] as const) {
      it(`can be repeated whatever command ${kind}`, async function () {
        this.timeout(240_000);
        const whole = place(await host(async () => {}));
        let faults = 0;
        for (let at = 0; ; at += 1) {
          await addSmall(whole.runner);
          const faulty = failingAt(whole, at, kind);
          const problems = await clean(faulty).catch((error: unknown) => {
            assert.ok(error instanceof HostError || error instanceof CommandFailed, String(error));
            return [error];
          });
          const failed = faulty.failed();
          if (failed === undefined) {
            assert.deepEqual(problems, []);
            break;
          }
          faults += 1;
          // A plan that was cut off is put back or carried out: the rules of others are always whole.
          assert.deepEqual(await clean(whole), [], `after fault ${at} (${failed})`);
          assert.equal(await wholeState(whole.runner), foreign, `after fault ${at} (${failed})`);
        }
        console.log(`      ${faults} faults`);
        assert.ok(faults > 25);
      });
    }

    /** One of each kind, so that a run has few commands. */
    async function addSmall(runner: CommandRunner): Promise<void> {
      const rules = [
        '*nat\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-AAAA - [0:0]\n-I PREROUTING 2 -j KUBE-SERVICES',
        '-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-SVC-AAAA\nCOMMIT',
        '*filter\n:KUBE-FORWARD - [0:0]\n-A KUBE-FORWARD -j ACCEPT\nCOMMIT\n',
      ].join('\n');
      await runner.run('ipset', ['create', 'KUBE-CLUSTER-IP', 'hash:ip,port']);
      await addRules(runner, 'nft', 'ipv4', rules);
      await addRules(runner, 'legacy', 'ipv4', rules);
      await runner.run('ip', ['link', 'add', 'kube-ipvs0', 'type', 'bridge']);
      await runner.run('nft', ['add', 'table', 'ip', 'kube-proxy']);
      await runner.run('nfacct', ['add', 'ct_state_invalid_dropped_pkts']);
    }
  });

/** Sorts names as they come in the state. */
function byState(order: readonly string[]): (a: string, b: string) => number {
  return (a, b) => order.indexOf(a) - order.indexOf(b);
}

type Faulty = Place & { readonly failed: () => string | undefined };

/** Fails one command, or one question to the kernel, by its number: before it is carried out, or although it was. */
function failingAt({ runner, kernel }: Place, at: number, kind: 'does not run' | 'runs, but fails'): Faulty {
  let count = 0;
  let failed: string | undefined;
  async function spoil<T>(what: string, work: () => Promise<T>, fault: () => Error): Promise<T> {
    if (count++ !== at) return await work();
    failed = what;
    if (kind === 'runs, but fails') await work().catch(() => {});
    throw fault();
  }
  const run: CommandRunner['run'] = async (command, args, options) => {
    const how = { signal: undefined, timedOut: false, notFound: false };
    const failure = { command, args, exitCode: 1, stdout: '', stderr: 'an injected fault', ...how };
    const work = async (): Promise<CommandResult> => await runner.run(command, args, options);
    return await spoil([command, ...args].join(' '), work, () => new CommandFailed(failure));
  };
  const faulty: CommandRunner = { which: async (command) => await runner.which(command), run };
  if (kernel.name === 'tools') {
    return { runner: faulty, kernel: new ToolsObjects(faulty, { timeoutMs: 60_000 }), failed: () => failed };
  }
  const ask = async <T>(what: string, work: () => Promise<T>): Promise<T> =>
    await spoil(what, work, () => new HostError('an injected fault'));
  return {
    runner: faulty,
    kernel: {
      name: kernel.name,
      close: () => {},
      sets: async () => await ask('sets', async () => await kernel.sets()),
      filledSets: async (names) => await ask('filledSets', async () => await kernel.filledSets(names)),
      link: async () => await ask('link', async () => await kernel.link()),
      virtualServers: async () => await ask('virtualServers', async () => await kernel.virtualServers()),
      deleteVirtualServer: async (one) =>
        await ask('delete a server', async () => await kernel.deleteVirtualServer(one)),
      destroySet: async (name) => await ask(`destroy ${name}`, async () => await kernel.destroySet(name)),
      deleteLink: async () => await ask('delete the link', async () => await kernel.deleteLink()),
    },
    failed: () => failed,
  };
}
