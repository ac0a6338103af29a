import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { removeNamespace, uniqueName } from '../../src/host/netns.ts';
import { hostRunner } from '../../src/host/exec.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const MARKER = '<!-- recorded: test/kernel/readme-session.test.ts runs it again -->';

/** The commands of the block and the output that it shows, both together. */
function shownSession(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const from = readme.indexOf('```console\n', readme.indexOf(MARKER)) + '```console\n'.length;
  assert.ok(readme.includes(MARKER));
  return readme.slice(from, readme.indexOf('```', from));
}

describe('the session in the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-readme-'));
  const netns = uniqueName('chainsmith-readme');

  before(() => {
    const bin = join(ROOT, 'dist', 'bin', 'chainsmith.js');
    chmodSync(bin, 0o755);
    symlinkSync(bin, join(folder, 'chainsmith'));
  });

  after(async () => {
    await removeNamespace(hostRunner, netns);
    rmSync(folder, { recursive: true });
  });

  /** Runs one shown command with names of its own for what it makes: the namespace, its files, the state. */
  function run(command: string): string {
    const own = command
      .replace(/^sudo /, '')
      .replaceAll('/tmp/', `${folder}/`)
      .replace(/\blab\b/g, netns)
      .replace(/^(chainsmith (?:apply|undo) )(?!--help)/, `$1--variant nft --state-dir ${folder}/state `);
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    const { stdout, stderr } = spawnSync('sh', ['-c', own], { cwd: ROOT, env, encoding: 'utf8' });
    return (stdout + stderr).replaceAll(netns, 'lab').replaceAll(` --state-dir ${folder}/state`, '');
  }

  it('is what the commands print', () => {
    const shown = shownSession();
    const commands = shown.split('\n').filter((line) => line.startsWith('$ '));
    assert.equal(commands.length, 7);
    assert.equal(commands.map((line) => `${line}\n${run(line.slice(2))}`).join(''), shown);
  });

  it('is what the help shows, too', () => {
    const shown = shownSession().split('\n');
    for (const command of ['plan', 'apply']) {
      const help = run(`chainsmith ${command} --help`);
      const output = /What it prints:\n {2}\$ .*\n([^]*?)\n\n\S/.exec(help)?.[1]?.split('\n') ?? [];
      assert.ok(output.length > 4, help);
      for (const line of output) assert.ok(shown.includes(line.replace(/^ {2}/, '')), line);
    }
  });
});
