import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, hostRunner } from '../../src/host/exec.ts';
import { ScriptRunner } from './script-runner.ts';

describe('ScriptRunner', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-script-'));
  after(() => rmSync(folder, { recursive: true }));

  it('runs what it has collected, in order and word by word, and then at once', async () => {
    const file = join(folder, "it's $HOME");
    const runner = new ScriptRunner(hostRunner);
    await runner.run('tee', [file], { input: "first 'line'\n" });
    await runner.run('tee', ['-a', file], { input: '%s $PATH\n' });
    assert.throws(() => readFileSync(file));
    await runner.flush(10_000);
    assert.equal(readFileSync(file, 'utf8'), "first 'line'\n%s $PATH\n");
    assert.equal((await runner.run('cat', [file])).stdout, "first 'line'\n%s $PATH\n");
  });

  it('stops at the first command that fails', async () => {
    const file = join(folder, 'never');
    const runner = new ScriptRunner(hostRunner);
    await runner.run('false', []);
    await runner.run('tee', [file], { input: 'x' });
    await assert.rejects(runner.flush(10_000), CommandFailed);
    assert.throws(() => readFileSync(file));
  });
});
