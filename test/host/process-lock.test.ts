import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hostRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { takeLock } from '../../src/host/process-lock.ts';

/** Another process that takes the lock, starts a command that shares it, says so, and stays. */
const OTHER = `
  const { takeLock } = await import(process.argv[1]);
  const { hostRunner } = await import(process.argv[2]);
  const { fd } = await takeLock(process.argv[3], { seconds: 0 });
  const keepsOpen = process.argv[4] === 'share' ? [fd] : [];
  hostRunner.run('sh', ['-c', 'echo $$ > "$1"; exec sleep 60', 'sh', process.argv[3] + '.pid'], { keepsOpen, ownProcessGroup: true });
  const { existsSync } = await import('node:fs');
  const timer = setInterval(() => { if (existsSync(process.argv[3] + '.pid')) { clearInterval(timer); console.log('ready'); } }, 10);
`;

describe('takeLock', function () {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-lock-'));
  const commands: number[] = [];
  let locks = 0;

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(() => {
    for (const pid of commands) endCommand(pid);
    rmSync(folder, { recursive: true });
  });

  /** Each test has its own. */
  function lockPath(): string {
    locks += 1;
    return join(folder, 'locks', `${locks}.lock`);
  }

  function endCommand(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  async function startOther(path: string, share: 'share' | 'alone'): Promise<{ other: ChildProcess; command: number }> {
    const modules = ['process-lock', 'exec'].map((name) => new URL(`../../src/host/${name}.js`, import.meta.url).href);
    const other = spawn(process.execPath, ['--input-type=module', '-e', OTHER, ...modules, path, share], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    const command = Number(readFileSync(`${path}.pid`, 'utf8'));
    commands.push(command);
    return { other, command };
  }

  async function kill(other: ChildProcess): Promise<void> {
    const ended = once(other, 'exit');
    other.kill('SIGKILL');
    await ended;
  }

  it('gives the lock to one at a time', async () => {
    const path = lockPath();
    const { release } = await takeLock(path, { seconds: 0 });
    await assert.rejects(
      takeLock(path, { seconds: 0 }),
      (error) => error instanceof HostError && error.message.includes(`(process ${process.pid})`),
    );
    await release();
    await (await takeLock(path, { seconds: 0 })).release();
  });

  it('keeps locks of other names apart', async () => {
    const [first, second] = [await takeLock(lockPath(), { seconds: 0 }), await takeLock(lockPath(), { seconds: 0 })];
    await first.release();
    await second.release();
  });

  it('waits, and says for whom', async () => {
    const path = lockPath();
    const { release } = await takeLock(path, { seconds: 0 });
    const holders: string[] = [];
    const second = await takeLock(path, {
      seconds: 30,
      onWait: (holder) => {
        holders.push(holder);
        if (holders.length === 2) void release();
      },
    });
    await second.release();
    const self = `another chainsmith (process ${process.pid})`;
    assert.deepEqual(holders.slice(0, 2), [self, self]);
  });

  it('stops waiting when it is told to', async () => {
    const path = lockPath();
    const { release } = await takeLock(path, { seconds: 0 });
    const abort = new AbortController();
    const waiting = takeLock(path, { seconds: 30, signal: abort.signal, onWait: () => abort.abort() });
    await assert.rejects(waiting, (error) => error === abort.signal.reason);
    await release();
  });

  it('waits as long as it was told, by the clock', async () => {
    const path = lockPath();
    const { release } = await takeLock(path, { seconds: 0 });
    const start = performance.now();
    await assert.rejects(takeLock(path, { seconds: 1 }), HostError);
    const waited = performance.now() - start;
    assert.ok(waited >= 1000 && waited < 4000, `${waited} ms`);
    await release();
  });

  it('is free when its holder is killed', async () => {
    const path = lockPath();
    const { other } = await startOther(path, 'alone');
    await assert.rejects(takeLock(path, { seconds: 0 }), new RegExp(`\\(process ${other.pid}\\) is at work`));
    await kill(other);
    await (await takeLock(path, { seconds: 0 })).release();
  });

  it('stays with a command that shares it when its holder is killed, and is free when that has ended', async () => {
    const path = lockPath();
    const { other, command } = await startOther(path, 'share');
    await kill(other);
    await assert.rejects(
      takeLock(path, { seconds: 0.3 }),
      new RegExp(`a command that another chainsmith \\(process ${other.pid}\\) left behind is at work`),
    );
    endCommand(command);
    await (await takeLock(path, { seconds: 20 })).release();
  });

  it('stays with a command that shares it when it is given back', async () => {
    const path = lockPath();
    const { fd, release } = await takeLock(path, { seconds: 0 });
    const command = hostRunner.run('sh', ['-c', 'sleep 1'], { keepsOpen: [fd] });
    await nextTurn();
    await release();
    await assert.rejects(takeLock(path, { seconds: 0 }), HostError);
    await command;
    await (await takeLock(path, { seconds: 20 })).release();
  });

  it('is in a folder of its own, and only its user can open it', async () => {
    const path = lockPath();
    const { release } = await takeLock(path, { seconds: 0 });
    assert.equal(statSync(join(folder, 'locks')).mode & 0o777, 0o700);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await release();
  });

  it('is not taken where others can write', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    await assert.rejects(takeLock(join(open, 'lock'), { seconds: 0 }), /other users can write there/);
  });

  it('is not taken in a folder of another user', async function () {
    if (process.geteuid?.() !== 0) this.skip();
    const foreign = join(folder, 'foreign');
    mkdirSync(foreign);
    chownSync(foreign, 65534, 65534);
    await assert.rejects(takeLock(join(foreign, 'lock'), { seconds: 0 }), /belongs to another user/);
  });

  it('is not taken through a link, nor in place of a folder', async () => {
    const path = lockPath();
    symlinkSync(join(folder, 'elsewhere'), path);
    await assert.rejects(takeLock(path, { seconds: 0 }), (error) => error instanceof HostError);
    writeFileSync(join(folder, 'plain'), '');
    await assert.rejects(takeLock(join(folder, 'plain', 'lock'), { seconds: 0 }), /cannot be taken/);
  });
});
