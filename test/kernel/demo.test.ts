// scripts/demo as a newcomer sees it: the demonstration succeeds, and nothing of it stays.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hostRunner } from '../../src/host/exec.ts';
import { listNamespaces } from '../../src/host/netns.ts';
import { requireKernel } from './support/requirements.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.js', import.meta.url));

async function left(pid: number | undefined): Promise<string[]> {
  return (await listNamespaces(hostRunner)).filter((name) => name.startsWith(`chainsmith-demo-${pid}-`));
}

interface Run {
  readonly pid: number | undefined;
  readonly status: number | null;
  readonly output: string;
}

/** Runs the demo, and ends it by the signal as soon as its output holds the word. */
async function runDemo(
  args: readonly string[],
  stop?: { readonly after: string; readonly signal: NodeJS.Signals },
): Promise<Run> {
  const demo = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  demo.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (stop !== undefined && output.includes(stop.after)) demo.kill(stop.signal);
  });
  const status = await new Promise<number | null>((resolve) => demo.once('close', (code) => resolve(code)));
  return { pid: demo.pid, status, output };
}

describe('the demo', () => {
  before(function () {
    requireKernel(this);
  });

  it('spreads the connections evenly, shows the rules, and leaves nothing', async () => {
    const { pid, status, output } = await runDemo([]);
    assert.equal(status, 0, output);
    assert.ok((output.match(/^ {2}even: /gm) ?? []).length >= 4, output);
    assert.match(output, /-A KUBE-SERVICES -d 10\.96\.0\.80\/32 .* -j KUBE-SVC-/);
    assert.match(output, /-j DNAT --to-destination 10\.244\.0\.11:8080/);
    assert.deepEqual(await left(pid), []);
  });

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`leaves nothing after ${signal}`, async () => {
      const run = await runDemo([], { after: 'loaded', signal });
      assert.equal(run.status, status, run.output);
      assert.match(run.output, /\nRemoved everything again\.\n$/);
      assert.deepEqual(await left(run.pid), []);
    });
  }

  it('leaves nothing when its reader goes away', async () => {
    const demo = spawn(process.execPath, [DEMO], { stdio: ['ignore', 'pipe', 'inherit'] });
    demo.stdout.once('data', () => demo.stdout.destroy());
    const status = await new Promise<number | null>((resolve) => demo.once('exit', (code) => resolve(code)));
    assert.equal(status, 141);
    assert.deepEqual(await left(demo.pid), []);
  });

  it('keeps everything on request, until it is told to remove it', async () => {
    const { pid, status, output } = await runDemo(['--keep']);
    assert.equal(status, 0, output);
    const client = (await left(pid)).find((name) => name.endsWith('-outside')) ?? '';
    assert.ok(output.includes(`ip netns exec ${client} curl`), output);
    // The process ends before the kernel forgets its id.
    await sleep(100);
    assert.equal((await runDemo(['--remove'])).status, 0);
    assert.deepEqual(await left(pid), []);
  });

  it('prints the rules and the reason where it has no right to do more', async () => {
    const { stdout, stderr } = await hostRunner.run('unshare', ['--user', process.execPath, DEMO]);
    assert.match(stdout, /^\*mangle\n/);
    assert.match(stdout, /-A KUBE-SERVICES -d 10\.96\.0\.80\/32/);
    assert.match(stderr, /without real traffic: network namespaces need root/);
  });
});
