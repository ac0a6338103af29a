// scripts/demo and scripts/test where they cannot do their work: one line, and the way out.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/docs/pages.ts';

interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** As root, who may write everywhere, `nobody` runs it. */
function run(folder: string, words: readonly string[], path = process.env['PATH'] ?? ''): Run {
  const options = { encoding: 'utf8', env: { PATH: path, HOME: folder, TMPDIR: '/tmp' } } as const;
  const bash = '/bin/bash';
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const [script = '', ...args] = words;
  const { status, stdout, stderr } = spawnSync(bash, [join(folder, script), ...args], { ...options, ...asNobody });
  return { status, out: stdout, err: stderr };
}

describe('scripts/demo and scripts/test', function () {
  if (process.platform === 'win32') return;
  /** A checkout that was never built, and that nobody may write to. */
  let checkout: string;
  let tools: string;
  before(() => {
    const folder = mkdtempSync(join(tmpdir(), 'chainsmith-checkout-'));
    checkout = join(folder, 'checkout');
    tools = join(folder, 'tools');
    for (const path of [checkout, join(checkout, 'scripts'), tools]) mkdirSync(path);
    for (const name of ['demo', 'test', 'checkout.sh'])
      cpSync(join(ROOT, 'scripts', name), join(checkout, 'scripts', name));
    for (const tool of ['bash', 'dirname', 'uname', 'id', 'cat', 'find', 'stat', 'realpath', 'env'])
      symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(tools, tool));
    for (const path of [folder, tools]) chmodSync(path, 0o755);
    for (const path of [join(checkout, 'scripts'), checkout]) chmodSync(path, 0o555);
  });
  after(() => {
    chmodSync(checkout, 0o755);
    chmodSync(join(checkout, 'scripts'), 0o755);
    rmSync(join(checkout, '..'), { recursive: true, force: true });
  });

  for (const script of ['scripts/demo', 'scripts/test']) {
    it(`${script} says that Node.js is missing`, function () {
      // The scripts search these as well, and on some systems they are the folder that holds everything.
      if (['/usr/local/sbin', '/usr/sbin', '/sbin'].some((path) => existsSync(join(path, 'node')))) this.skip();
      const { status, out, err } = run(checkout, [script], tools);
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(err, new RegExp(`^${script}: Node.js 20.19 or newer is needed.*https://nodejs.org\\n$`));
    });

    it(`${script} says that it may not write`, () => {
      const { status, out, err } = run(checkout, [script]);
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(
        err,
        new RegExp(`^${script}: cannot build here: no permission to write to .*checkout; .*copy of your own\\n$`),
      );
    });

    it(`${script} prints its usage`, () => {
      const { status, out } = run(checkout, [script, '--help'], tools);
      assert.equal(status, 0);
      assert.match(out, new RegExp(`^${script} \\[`));
    });
  }

  it('scripts/demo takes one option only', () => {
    const { status, err } = run(checkout, ['scripts/demo', '--keep', '--remove'], tools);
    assert.equal(status, 1);
    assert.match(err, /^scripts\/demo: only one option can be given\n/);
  });

  it('scripts/demo suggests the option that was meant', () => {
    for (const [word, meant] of [
      ['--kep', '; did you mean --keep?'],
      ['--rm', '; did you mean --remove?'],
      ['foo', ''],
    ] as const) {
      const { status, out, err } = run(checkout, ['scripts/demo', word], tools);
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.equal(err.split('\n')[0], `error: scripts/demo has no option "${word}"${meant}`);
      assert.match(err, /^scripts\/demo \[/m);
    }
  });
});
