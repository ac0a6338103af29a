import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandFailed, hostRunner, withOwnProcessGroups } from '../../src/host/exec.ts';

const node = process.execPath;

async function* untilEnd(...pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

async function failureOf(run: Promise<unknown>): Promise<CommandFailed> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CommandFailed);
  return error;
}

describe('hostRunner', () => {
  it('gives the output as it was written, and passes the input on', async () => {
    const echo = 'process.stdin.pipe(process.stdout); process.stderr.write("talk")';
    const result = await hostRunner.run(node, ['-e', echo], { input: 'data\n' });
    assert.equal(result.exitCode, 0);
    assert.equal(result.stdout, 'data\n');
    assert.equal(result.stderr, 'talk');
    assert.ok(result.durationMs > 0);
  });

  it('closes the standard input when there is none to pass on', async () => {
    const result = await hostRunner.run(node, ['-e', 'process.stdin.pipe(process.stdout)'], { timeoutMs: 20_000 });
    assert.equal(result.stdout, '');
  });

  it('rejects with what the command said', async () => {
    const failure = await failureOf(hostRunner.run(node, ['-e', 'console.error("why"); process.exit(3)']));
    assert.equal(failure.exitCode, 3);
    assert.equal(failure.stderr, 'why\n');
    assert.equal(failure.notFound, false);
    assert.match(failure.message, /: exit code 3: why$/);
  });

  it('accepts other exit codes on request', async () => {
    const result = await hostRunner.run(node, ['-e', 'process.exit(1)'], { okExitCodes: [0, 1] });
    assert.equal(result.exitCode, 1);
  });

  it('ends a command that takes too long', async () => {
    const failure = await failureOf(hostRunner.run(node, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 }));
    assert.equal(failure.timedOut, true);
    assert.match(failure.message, /took too long/);
  });

  it('tells a command that does not exist from one that fails', async () => {
    const failure = await failureOf(hostRunner.run('no-such-command-here', []));
    assert.equal(failure.notFound, true);
    assert.equal(failure.exitCode, undefined);
    assert.ok(failure.cause instanceof Error);
  });

  it('gives open files to a command, and otherwise none', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'chainsmith-exec-')), 'file');
    writeFileSync(path, 'kept');
    const fd = openSync(path, 'r');
    try {
      const [kept, other] = await Promise.all([
        hostRunner.run('sh', ['-c', 'cat <&3'], { keepsOpen: [fd] }),
        hostRunner.run('sh', ['-c', 'ls -l /proc/self/fd'], { input: untilEnd('x') }),
      ]);
      assert.equal(kept.stdout, 'kept');
      assert.ok(other.stdout.includes(' 0 -> ') && !other.stdout.includes(path), other.stdout);
    } finally {
      closeSync(fd);
      rmSync(dirname(path), { recursive: true });
    }
  });

  it('takes pieces of input together with open files', async () => {
    const fd = openSync(tmpdir(), 'r');
    try {
      const options = { input: untilEnd('a', 'b'), keepsOpen: [fd], ownProcessGroup: true };
      assert.equal((await hostRunner.run('cat', [], options)).stdout, 'ab');
    } finally {
      closeSync(fd);
    }
  });

  it('discards output on request', async () => {
    const result = await hostRunner.run('sh', ['-c', 'echo out; echo err >&2'], { discardOutput: true });
    assert.deepEqual([result.stdout, result.stderr], ['', 'err\n']);
  });

  it('hands output on as it comes', async () => {
    const pieces: Uint8Array[] = [];
    const script = "printf 'a\\303'; sleep 0.05; printf '\\251z'; echo err >&2; exit 3";
    const options = { onOutput: (bytes: Uint8Array) => pieces.push(bytes), okExitCodes: [3] };
    const result = await hostRunner.run('sh', ['-c', script], options);
    assert.deepEqual(
      [Buffer.concat(pieces).toString(), pieces.length > 1, result.stdout, result.stderr],
      ['aéz', true, '', 'err\n'],
    );
  });

  it('runs commands in process groups of their own on request', async () => {
    const group = ['-c', 'read -r line < /proc/$$/stat; set -- $line; echo "$1 $5"'];
    const [alone, shared] = [withOwnProcessGroups(hostRunner), hostRunner];
    const [process1, group1] = (await alone.run('sh', group)).stdout.trim().split(' ');
    const [process2, group2] = (await shared.run('sh', group)).stdout.trim().split(' ');
    assert.ok(process1 !== undefined && process1 === group1, `${process1} in ${group1}`);
    assert.ok(process2 !== undefined && process2 !== group2, `${process2} in ${group2}`);
  });

  it('finds executables, and only them', async () => {
    assert.match((await hostRunner.which('sh')) ?? '', /\/sh$/);
    assert.equal(await hostRunner.which('no-such-command-here'), undefined);
    assert.equal(await hostRunner.which(node), node);
  });
});
