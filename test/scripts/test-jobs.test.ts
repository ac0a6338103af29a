// scripts/test-jobs.mjs in a checkout of its own: whatever way a job ends, it is in the sum.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/docs/pages.ts';

const PASSES = "it('passes', () => {});";
/** Counts as skipped in a checkout of these tests; put together, so that nobody who looks for skipped tests takes it for one of ours. */
const IS_LEFT_OUT = ['it', "skip('is left out', () => {});"].join('.');

interface Jobs {
  readonly out: string;
  /** Passed, failed, skipped: of all lines together. */
  readonly sum: readonly number[];
  readonly failures: string;
  readonly status: number | null;
}

/** @param tests by file below dist/test */
function runJobs(levels: readonly string[], tests: Readonly<Record<string, string>>): Jobs {
  const checkout = mkdtempSync(join(tmpdir(), 'chainsmith-jobs-'));
  try {
    mkdirSync(join(checkout, 'scripts'));
    for (const name of ['scripts/test-jobs.mjs', 'scripts/mocha-reporter.cjs', '.mocharc.json'])
      cpSync(join(ROOT, name), join(checkout, name));
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    for (const [name, text] of Object.entries(tests)) {
      mkdirSync(join(checkout, 'dist/test', name, '..'), { recursive: true });
      writeFileSync(join(checkout, 'dist/test', name), text);
    }
    const [counts, failures] = [join(checkout, 'counts'), join(checkout, 'failures')];
    const { stdout, status } = spawnSync(process.execPath, ['scripts/test-jobs.mjs', ...levels], {
      cwd: checkout,
      encoding: 'utf8',
      env: { ...process.env, CHAINSMITH_TEST_COUNTS: counts, CHAINSMITH_TEST_FAILURES: failures },
    });
    const lines = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n') : [];
    const sum = [0, 1, 2].map((i) => lines.reduce((all, line) => all + Number(line.split(' ')[i]), 0));
    return { out: stdout, sum, failures: existsSync(failures) ? readFileSync(failures, 'utf8') : '', status };
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
}

describe('scripts/test-jobs.mjs', () => {
  it('adds up what all jobs have counted, and shows what each has said in one piece', () => {
    const slow = (name: string): string =>
      `it('begins', () => console.log('${name} 1')); it('ends', (done) => setTimeout(() => { console.log('${name} 2'); done(); }, 300));`;
    const { out, sum, failures, status } = runJobs(['kernel'], {
      'kernel/a.test.js': slow('a'),
      'kernel/b.test.js': `${slow('b')} ${IS_LEFT_OUT}`,
    });
    assert.deepEqual(sum, [4, 0, 1]);
    assert.equal(failures, '');
    assert.equal(status, 0);
    for (const name of ['a', 'b']) {
      const own = out.split(/^== /m).find((block) => block.startsWith(`kernel: kernel/${name}, `));
      assert.match(own ?? '', new RegExp(`${name} 1[^]*begins[^]*${name} 2[^]*ends[^]*2 passing`));
    }
  });

  it('counts failed tests, and says which', () => {
    const { sum, failures } = runJobs(['golden'], {
      'golden/a.test.js': `${PASSES} it('fails', () => { throw new Error('as it must'); });`,
    });
    assert.deepEqual(sum, [1, 1, 0]);
    assert.equal(failures, 'fails\n  as it must\n');
  });

  for (const [how, text, says] of [
    ['ends in the middle', "it('ends', () => process.exit(0));", 'it ended with status 0 before it had counted'],
    ['is killed', "it('dies', () => process.kill(process.pid, 'SIGKILL'));", 'it was ended by SIGKILL'],
    ['does not load', 'import "./none.js";', 'it ended with status 1 before it had counted'],
    ['has no tests', '', 'it ended with status 1, though no test failed'],
    ['fails at its end', `process.on('exit', () => process.exit(3)); ${PASSES}`, 'it ended with status 3'],
  ] as const) {
    it(`counts a job that ${how} as a failure, and runs the others`, () => {
      const { sum, failures } = runJobs(['kernel'], {
        'kernel/b.test.js': PASSES,
        'kernel/c.test.js': text,
      });
      assert.equal(sum[1], 1);
      assert.ok(Number(sum[0]) >= 1);
      assert.match(failures, new RegExp(`^kernel, kernel/c: ${says}`));
    });
  }

  it('runs the files of no level as unit', () => {
    const { out, sum } = runJobs(['unit'], {
      'core/deep/a.test.js': PASSES,
      'cli/b.test.js': PASSES,
      'kernel/c.test.js': PASSES,
    });
    assert.deepEqual(sum, [2, 0, 0]);
    assert.match(out, /^== unit: core, /m);
    assert.match(out, /^== unit: cli, /m);
  });

  it('fails where a level has no tests', () => {
    const { sum, failures } = runJobs(['golden', 'reference'], { 'golden/a.test.js': PASSES });
    assert.deepEqual(sum, [1, 1, 0]);
    assert.equal(failures, 'reference: there are no tests in dist/test\n');
  });
});
