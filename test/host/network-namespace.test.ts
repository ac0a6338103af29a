import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { createNamespace, removeNamespace, uniqueName } from '../../src/host/netns.ts';
import { openNetworkNamespace } from '../../src/host/network-namespace.ts';
import { ScriptedRunner } from '../../src/host/scripted-runner.ts';

const OWN = '/proc/self/ns/net';
const MODULE = new URL('../../src/host/network-namespace.js', import.meta.url).href;
const IDENTITY = `
  const { openNetworkNamespace } = await import(process.argv[1]);
  process.stdout.write((await openNetworkNamespace(undefined, undefined)).identity);
`;

/** Entering a namespace needs CAP_SYS_ADMIN. */
async function skipWithoutRoot(test: Mocha.Context): Promise<void> {
  try {
    await hostRunner.run('unshare', ['--net', 'true']);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    test.skip();
  }
}

describe('openNetworkNamespace', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it("is this process's own without a name, and runs commands as they are", async () => {
    const runner = new ScriptedRunner([{ line: 'ip link' }]);
    const { name, id, identity, runner: inside } = await openNetworkNamespace(runner, undefined);
    assert.equal(name, undefined);
    assert.equal(id, statSync(OWN).ino);
    assert.match(identity, new RegExp(`^${id}-\\d+$`));
    await inside.run('ip', ['link']);
    runner.assertFinished();
  });

  it('takes a path, and a process; both are the same place', async function () {
    await skipWithoutRoot(this);
    const [own, byPath, byProcess] = [
      await openNetworkNamespace(hostRunner, undefined),
      await openNetworkNamespace(hostRunner, OWN),
      await openNetworkNamespace(hostRunner, `pid:${process.pid}`),
    ];
    assert.deepEqual([byPath.id, byProcess.id], [own.id, own.id]);
    assert.deepEqual([byPath.identity, byProcess.identity], [own.identity, own.identity]);
    assert.equal((await byPath.runner.run('cat', [], { input: 'x' })).stdout, 'x');
    assert.match((await byPath.runner.which('sh')) ?? '', /\/sh$/);
    for (const { close } of [own, byPath, byProcess]) await close();
  });

  it('stays in the namespace that the name had first', async function () {
    await skipWithoutRoot(this);
    const folder = mkdtempSync(join(tmpdir(), 'chainsmith-netns-'));
    const link = join(folder, 'link');
    const names = [uniqueName('chainsmith-name'), uniqueName('chainsmith-name')] as const;
    for (const name of names) await createNamespace(hostRunner, name);
    try {
      symlinkSync(`/run/netns/${names[0]}`, link);
      const opened = await openNetworkNamespace(hostRunner, link);
      rmSync(link);
      symlinkSync(`/run/netns/${names[1]}`, link);
      await removeNamespace(hostRunner, names[0]);
      const { stdout } = await opened.runner.run('stat', ['-L', '-c', '%i', OWN]);
      assert.equal(Number(stdout), opened.id);
      await opened.close();
    } finally {
      for (const name of names) await removeNamespace(hostRunner, name);
      rmSync(folder, { recursive: true });
    }
  });

  it('has another identity than the one that had its inode before, and the same from inside', async function () {
    await skipWithoutRoot(this);
    const name = uniqueName('chainsmith-again');
    const identities: string[] = [];
    try {
      for (let round = 0; round < 3; round++) {
        await createNamespace(hostRunner, name);
        const { identity, runner, close } = await openNetworkNamespace(hostRunner, name);
        identities.push(identity);
        const { stdout } = await runner.run(process.execPath, ['--input-type=module', '-e', IDENTITY, MODULE]);
        assert.equal(stdout, identity);
        await close();
        await removeNamespace(hostRunner, name);
      }
    } finally {
      await removeNamespace(hostRunner, name);
    }
    assert.equal(new Set(identities).size, identities.length, identities.join());
  });

  it('refuses what is no namespace', async function () {
    await skipWithoutRoot(this);
    await assert.rejects(
      openNetworkNamespace(hostRunner, '/etc/passwd'),
      (error) =>
        error instanceof HostError &&
        /\/etc\/passwd cannot be entered: nsenter/.test(error.message) &&
        /is it a network namespace/.test(error.advice ?? ''),
    );
  });

  for (const [what, stdout] of [
    ['without the one it looks for', 'sk Eth Pid\n00af 4 0 0 0 0 0 2 0 17\n'],
    ['that is cut', 'sk Eth Pid\n00af 0 0 0 0 0 0 2 0 17\n00af 4 0'],
    ['that is empty', ''],
  ] as const) {
    it(`refuses a list of sockets ${what}`, async () => {
      const runner: CommandRunner = {
        run: async () => ({ exitCode: 0, stdout, stderr: '', durationMs: 0 }),
        which: async () => undefined,
      };
      await assert.rejects(openNetworkNamespace(runner, OWN), /is cut short, or does not list/);
    });
  }

  for (const name of ['chainsmith-no-such-name', '/no/such/path', 'pid:4194305']) {
    it(`says that there is no ${name}`, async () => {
      await assert.rejects(
        openNetworkNamespace(new ScriptedRunner([]), name),
        (error) => error instanceof HostError && error.message.includes(name),
      );
    });
  }
});
