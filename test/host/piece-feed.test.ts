import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, hostRunner } from '../../src/host/exec.ts';
import { PieceFeed } from '../../src/host/piece-feed.ts';

const node = process.execPath;
const CAT = 'process.stdin.pipe(process.stdout)';

function feedOf(...pieces: readonly string[]): PieceFeed {
  const feed = new PieceFeed();
  for (const piece of pieces) feed.write(piece);
  feed.end();
  return feed;
}

async function read(feed: AsyncIterable<string>): Promise<readonly string[]> {
  const pieces: string[] = [];
  for await (const piece of feed) pieces.push(piece);
  return pieces;
}

describe('PieceFeed', () => {
  it('hands on pieces that were written before it is read, and after', async () => {
    const feed = new PieceFeed();
    feed.write('a');
    const reading = read(feed);
    await sleep(1);
    feed.write('b');
    feed.write('c');
    await sleep(1);
    feed.end();
    feed.end();
    assert.deepEqual(await reading, ['a', 'b', 'c']);
    assert.deepEqual(feed.written(), ['a', 'b', 'c']);
  });

  it('takes nothing behind its end', () => {
    assert.throws(() => feedOf('a').write('b'), /behind the end/);
  });

  it('forwards each piece at once, those of before first', () => {
    const feed = new PieceFeed();
    const got: (string | undefined)[] = [];
    feed.write('a');
    feed.forward((piece) => got.push(piece));
    feed.write('b');
    assert.deepEqual(got, ['a', 'b']);
    feed.end();
    assert.deepEqual(got, ['a', 'b', undefined]);
    const late: (string | undefined)[] = [];
    feed.forward((piece) => late.push(piece));
    assert.deepEqual(late, ['a', 'b', undefined]);
  });
});

describe('hostRunner with a PieceFeed', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-feed-'));
  after(() => rmSync(folder, { recursive: true }));

  it('gives the output, and the exit code', async () => {
    const result = await hostRunner.run(node, ['-e', `${CAT}; console.error("talk"); process.exitCode = 3`], {
      input: feedOf('a\n', 'ö\n'),
      okExitCodes: [3],
    });
    assert.deepEqual([result.stdout, result.stderr, result.exitCode], ['a\nö\n', 'talk\n', 3]);
  });

  it('writes while this process stands still', async () => {
    const path = join(folder, 'while-still');
    const feed = new PieceFeed();
    // dd writes what it has read when it has all 3 MB of it: more than any pipe or socket keeps.
    const running = hostRunner.run('dd', [`of=${path}`, 'bs=3000000', 'count=1', 'iflag=fullblock'], { input: feed });
    for (let i = 0; i < 30; i++) feed.write('x'.repeat(100_000));
    execFileSync('bash', [
      '-c',
      `for i in {1..100}; do [ "$(stat -c %s ${path})" = 3000000 ] && exit; sleep 0.1; done 2>/dev/null`,
    ]);
    const { length } = readFileSync(path);
    feed.end();
    await running;
    assert.equal(length, 3_000_000);
  });

  async function failureOf(...args: Parameters<typeof hostRunner.run>): Promise<CommandFailed> {
    const error: unknown = await hostRunner.run(...args).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CommandFailed, String(error));
    return error;
  }

  it('rejects with what the command said, as without a thread', async () => {
    const script = 'process.stdin.resume(); console.error("why"); process.exit(4)';
    const failure = await failureOf(node, ['-e', script], { input: feedOf('a') });
    assert.deepEqual([failure.exitCode, failure.stderr, failure.timedOut], [4, 'why\n', false]);
    assert.match(failure.message, /: exit code 4: why$/);
    const missing = await failureOf('no-such-command-here', [], { input: feedOf('a') });
    assert.equal(missing.notFound, true);
  });

  it('ends a command that takes too long, or is not wanted any more', async () => {
    const waits = ['-e', 'setInterval(() => {}, 1000)'];
    const late = await failureOf(node, waits, { input: feedOf('a'), timeoutMs: 500 });
    assert.equal(late.timedOut, true);
    const folder = mkdtempSync(join(tmpdir(), 'chainsmith-feed-'));
    const abort = new AbortController();
    const saysSo = ['-e', 'require("node:fs").writeFileSync("runs", ""); setInterval(() => {}, 1000)'];
    const inFolder = ['-C', folder, node, ...saysSo];
    const running = failureOf('env', inFolder, { input: new PieceFeed(), signal: abort.signal });
    for (let tries = 0; tries < 1000 && !existsSync(join(folder, 'runs')); tries += 1) await sleep(20);
    abort.abort();
    const aborted = await running;
    assert.equal(aborted.signal, 'SIGTERM');
    rmSync(folder, { recursive: true });
    const early = await failureOf(node, waits, { input: new PieceFeed(), signal: AbortSignal.abort() });
    assert.equal(early.exitCode, undefined);
  });

  it('hands on the environment', async () => {
    const result = await hostRunner.run('sh', ['-c', 'echo "$WORD"; cat'], {
      input: feedOf('in\n'),
      environment: { WORD: 'said' },
      ownProcessGroup: true,
    });
    assert.equal(result.stdout, 'said\nin\n');
  });
});
