import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { CommandFailed, hostRunner } from '../../src/host/exec.ts';
import { ShellRunner } from './shell-runner.ts';

describe('ShellRunner', () => {
  let runner: ShellRunner;

  beforeEach(() => (runner = new ShellRunner(hostRunner, ['sh'], tmpdir())));
  afterEach(async () => await runner.close());

  it('runs commands word by word, with their input and environment, in order', async () => {
    const results = await Promise.all([
      runner.run('printf', ['%s|', "it's", '$HOME', '']),
      runner.run('cat', [], { input: "a 'b'\n" }),
      runner.run('cat', [], { input: ['a\n', 'b\n'] }),
      runner.run('cat', []),
      runner.run('printenv', ['GIVEN'], { environment: { GIVEN: "x 'y'" } }),
    ]);
    assert.deepEqual(
      results.map(({ stdout }) => stdout),
      ["it's|$HOME||", "a 'b'\n", 'a\nb\n', '', "x 'y'\n"],
    );
  });

  it('hands the output on, and leaves it out, as it is asked to', async () => {
    const pieces: string[] = [];
    const handed = await runner.run('echo', ['one'], {
      onOutput: (piece) => pieces.push(Buffer.from(piece).toString()),
    });
    assert.deepEqual([handed.stdout, pieces.join('')], ['', 'one\n']);
    assert.equal((await runner.run('echo', ['two'], { discardOutput: true })).stdout, '');
  });

  it('rejects with what a command that fails has said, and goes on', async () => {
    const failing = runner.run('sh', ['-c', 'echo out; echo err >&2; exit 3']);
    await assert.rejects(failing, (error: unknown) => {
      assert.ok(error instanceof CommandFailed);
      assert.deepEqual([error.exitCode, error.stdout, error.stderr], [3, 'out\n', 'err\n']);
      return true;
    });
    await assert.rejects(runner.run('no-such-command', []), { notFound: true });
    assert.equal((await runner.run('false', [], { okExitCodes: [0, 1] })).exitCode, 1);
  });

  it('feeds a command bit by bit', async () => {
    async function* pieces(): AsyncGenerator<string> {
      yield 'first\n';
      // The shell is free meanwhile.
      yield (await runner.run('echo', ['second'])).stdout;
    }
    assert.equal((await runner.run('cat', [], { input: pieces() })).stdout, 'first\nsecond\n');
  });
});
