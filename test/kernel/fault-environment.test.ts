// Faults of the machine rather than of one call: no room, no right, no program, no reader, a lock that somebody keeps.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { applyArguments, NEW, type Scene } from './support/fault-scene.ts';
import { judge, record, stateFolder, withNode, type Recording } from './support/fault-trial.ts';
import { useMounts } from './support/use-mounts.ts';
import { useTrials } from './support/use-trials.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { stateDifferences, withoutNfacct } from './support/node-state.ts';
import { runChainsmith, type ChainsmithRun } from './support/run-chainsmith.ts';
import type { TestNode } from './support/test-node.ts';

const PREFIX = 'chainsmith-machine';

interface Trial {
  /** Shell commands in the process that becomes chainsmith; they end with `exec "$@"`. */
  readonly within?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments instead of these. */
  readonly change?: (args: readonly string[], node: TestNode) => readonly string[];
  /** A folder for the state instead of the usual one. */
  readonly stateDir?: string;
  readonly outcome: 'old' | 'new';
  /** What standard error has to say. */
  readonly says?: RegExp;
}

/** In a mount namespace of its own /usr/sbin has everything but one program. */
const withoutProgram = (name: string, folder: string): string =>
  `mkdir -p ${folder} && exec unshare --mount sh -c 'mount --bind /usr/sbin ${folder} && mount -t tmpfs none /usr/sbin &&
   ln -s ${folder}/* /usr/sbin/ && rm /usr/sbin/${name} && exec "$@"' sh "$@"`;

/** Root without the rights that iptables and nsenter need: every one of them fails with EPERM. */
const without = (capabilities: string): string => `exec setpriv --bounding-set=${capabilities} --inh-caps=-all "$@"`;

describe('apply, on a machine with faults', function () {
  this.timeout(120_000);
  const mount = useMounts();
  const context = useTrials(PREFIX);
  const { folder } = context;
  let injected = 0;
  const recordings = new Map<string, Recording>();

  before(async () => {
    for (const variant of VARIANTS) recordings.set(variant, await record(context, { variant, before: 'loaded' }));
  });
  after(() => {
    console.log(`    ${injected} faults of the machine injected`);
  });

  function recordingOf({ variant }: Scene): Recording {
    const recording = recordings.get(variant);
    assert.ok(recording);
    return recording;
  }

  /** Runs, judges, and applies again without the fault. */
  async function tryTrial(scene: Scene, trial: Trial, act?: (node: TestNode) => Promise<void>): Promise<ChainsmithRun> {
    const recording = recordingOf(scene);
    return await withNode(context, scene, async (node, ownStateDir) => {
      await act?.(node);
      const stateDir = trial.stateDir ?? ownStateDir;
      const args = trial.change?.(applyArguments(node, stateDir), node) ?? applyArguments(node, stateDir);
      const ended = await runChainsmith(args, trial.environment ?? {}, trial.within);
      await node.settle();
      assert.equal(judge(ended, await node.state(), recording, trial.stateDir ?? stateDir), trial.outcome);
      if (trial.says !== undefined) assert.match(ended.err, trial.says);
      await node.apply(NEW.desired);
      assert.deepEqual(stateDifferences(recording.next, await node.state()), []);
      injected += 1;
      return ended;
    });
  }

  const NFT: Scene = { variant: 'nft', before: 'loaded' };
  const LEGACY: Scene = { variant: 'legacy', before: 'loaded' };

  describe('the state file', () => {
    it('has no room', async () => {
      const stateDir = mount(join(folder, 'full'), 'size=4k');
      await tryTrial(NFT, { stateDir, outcome: 'old', says: /cannot be written: .*space[^]*Nothing was changed/ });
    });

    it('is on a read-only file system', async () => {
      const stateDir = mount(join(folder, 'read-only'), 'size=4k,ro');
      await tryTrial(NFT, { stateDir, outcome: 'old', says: /cannot be written: [^]*Nothing was changed/ });
    });

    it('has a file in place of its folder', async () => {
      const stateDir = join(folder, 'file');
      writeFileSync(stateDir, '');
      const trial = { environment: {}, outcome: 'old', says: /cannot be written: [^]*Nothing was changed/ } as const;
      // The judge looks into the folder of the state, and this is none.
      await tryTrial(NFT, {
        ...trial,
        change: (args) => args.map((arg, i) => (args[i - 1] === '--state-dir' ? stateDir : arg)),
      });
    });

    it('finds the disk full at the end: the node is right, and undo goes back by what was stored before', async () => {
      const { old, next } = recordingOf(NFT);
      await withNode(context, NFT, async (node, stateDir) => {
        const first = await runChainsmith(applyArguments(node, stateDir), {});
        assert.equal(first.status, 0, first.err);
        const pages = Math.ceil(statSync(join(stateFolder(stateDir), 'last-apply.json')).size / 4096);
        await withNode(context, NFT, async (other) => {
          const narrow = mount(join(folder, 'narrow'), `size=${(pages + 1) * 4096}`);
          const { status, err } = await runChainsmith(applyArguments(other, narrow), {});
          assert.equal(status, 0, err);
          assert.deepEqual(readdirSync(stateFolder(narrow)), ['last-apply.json']);
          assert.deepEqual(stateDifferences(next, await other.state()), []);
          execFileSync('mount', ['-o', 'remount,size=1m', narrow]);
          const back = await runChainsmith(undoArguments(other, narrow), {});
          assert.equal(back.status, 0, back.err);
          assert.deepEqual(stateDifferences(withoutNfacct(old), withoutNfacct(await other.state())), []);
          injected += 1;
        });
      });
    });
  });

  describe('programs and rights', () => {
    for (const variant of VARIANTS) {
      for (const tool of [
        `iptables-${variant}-save`,
        `ip6tables-${variant}-save`,
        `iptables-${variant}-restore`,
        `ip6tables-${variant}-restore`,
      ]) {
        it(`${tool} is not installed`, async () => {
          const within = withoutProgram(tool, join(folder, 'sbin'));
          await tryTrial(
            { variant, before: 'loaded' },
            { within, outcome: 'old', says: new RegExp(`${tool}.*No such file`) },
          );
        });
      }
    }

    it('nfacct is not installed', async () => {
      await tryTrial(NFT, { within: withoutProgram('nfacct', join(folder, 'sbin')), outcome: 'old', says: /nfacct/ });
    });

    for (const variant of VARIANTS) {
      it(`root may not change the network: iptables-${variant}`, async () => {
        await tryTrial({ variant, before: 'loaded' }, { within: without('-net_admin,-net_raw'), outcome: 'old' });
      });
    }

    it('root may not enter a namespace', async () => {
      await tryTrial(NFT, { within: without('-sys_admin,-net_admin'), outcome: 'old', says: /nsenter/ });
    });

    it('kernel settings are read-only', async () => {
      const script = `mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"`;
      const within = `exec unshare --mount sh -c '${script}' sh "$@"`;
      const ended = await tryTrial(NFT, { within, outcome: 'old', says: /route_localnet/ });
      assert.match(ended.err, /put back/);
    });
  });

  describe('places', () => {
    const named =
      (name: string): NonNullable<Trial['change']> =>
      (args) =>
        args.map((arg, i) => (args[i - 1] === '--netns' ? name : arg));

    it('there is no such namespace', async () => {
      await tryTrial(NFT, {
        change: named('chainsmith-none'),
        outcome: 'old',
        says: /no network namespace chainsmith-none/,
      });
    });

    it('there is no such process', async () => {
      await tryTrial(NFT, { change: named('pid:4194305'), outcome: 'old', says: /no network namespace pid:4194305/ });
    });

    it('the path is no namespace', async () => {
      await tryTrial(NFT, { change: named('/etc/passwd'), outcome: 'old', says: /nsenter/ });
    });
  });

  describe('streams', () => {
    it('standard input is closed', async () => {
      await tryTrial(NFT, { within: 'exec "$@" <&-', outcome: 'new' });
    });

    it('standard output is closed', async () => {
      await tryTrial(NFT, { within: 'exec "$@" >&-', outcome: 'new' });
    });

    it('nobody reads standard output', async () => {
      const within = 'mkfifo "$FIFO"; cat "$FIFO" & reader=$!; exec > "$FIFO"; kill $reader; wait $reader; exec "$@"';
      await tryTrial(NFT, { within, environment: { FIFO: join(folder, 'fifo') }, outcome: 'new' });
    });

    it('standard output has no room', async () => {
      await tryTrial(NFT, { within: 'exec "$@" > /dev/full', outcome: 'old', says: /standard output.*space/ });
    });

    it('standard output has no room for what undo or cleanup is going to do', async () => {
      await withNode(context, NFT, async (node, stateDir) => {
        await node.apply(NEW.desired);
        const before = await node.state();
        for (const command of [['undo', '--state-dir', stateDir], ['cleanup']]) {
          const args = [...command, '--yes', '--netns', node.name];
          const { status, err } = await runChainsmith(args, {}, 'exec "$@" > /dev/full');
          assert.equal(status, 1);
          assert.match(err, /^error: cannot write standard output: no space left.*; nothing was changed$/m);
          assert.deepEqual(stateDifferences(before, await node.state()), []);
        }
        const json = ['cleanup', '--yes', '--netns', node.name, '-o', 'json'];
        const { status, err } = await runChainsmith(json, {}, 'exec "$@" > /dev/full');
        assert.equal(status, 1);
        assert.match(
          err,
          /^error: what could be removed is gone, but not shown: cannot write standard output: no space left/m,
        );
        const left = [...(await node.state()).keys()].filter((key) => /KUBE-(?:SVC-|SERVICES$)/.test(key));
        assert.deepEqual(left, []);
        injected += 3;
      });
    });
  });

  describe('the xtables lock', () => {
    /** Takes the lock as iptables-legacy does, and keeps it. */
    async function holdLock(file: string, seconds: number): Promise<() => void> {
      const holder = spawn('flock', [file, 'sh', '-c', `echo held; exec sleep ${seconds}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(holder.stdout, 'data');
      return () => void holder.kill('SIGKILL');
    }

    it('is held for too long', async () => {
      const file = join(folder, 'lock-1');
      const release = await holdLock(file, 60);
      try {
        const environment = { XTABLES_LOCKFILE: file };
        await tryTrial(LEGACY, { environment, outcome: 'old', says: /another program holds the xtables lock/ });
      } finally {
        release();
      }
    });

    it('is given back in time', async () => {
      const file = join(folder, 'lock-2');
      const release = await holdLock(file, 1);
      await tryTrial(LEGACY, { environment: { XTABLES_LOCKFILE: file }, outcome: 'new' });
      release();
    });
  });
});

function undoArguments(node: TestNode, stateDir: string): readonly string[] {
  return ['undo', '--yes', '--netns', node.name, '--state-dir', stateDir, '-q'];
}
