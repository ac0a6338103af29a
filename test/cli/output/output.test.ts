import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wantsColor } from '../../../src/cli/output/colors.ts';
import { printFailure } from '../../../src/cli/output/print-failure.ts';
import { OutputError } from '../../../src/cli/output/streams.ts';
import { rulesData } from '../../../src/cli/output/rules-data.ts';
import { wrapText } from '../../../src/cli/output/wrap-text.ts';
import { writeFiles } from '../../../src/cli/output/write-files.ts';
import { SourceError } from '../../../src/host/sources/source-error.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

describe('wrapText', () => {
  it('breaks at spaces, and keeps words that are too long', () => {
    assert.equal(wrapText('aa bb cc dddddddd e', 5), 'aa bb\ncc\ndddddddd\ne\n');
    assert.equal(wrapText('a b', 4, '  '), '  a\n  b\n');
  });
});

describe('printFailure', () => {
  it('is one line for what a user can mend', () => {
    assert.equal(printFailure(new UsageError('no'), false), 'error: no\n');
    assert.equal(printFailure(new UsageError('no', 'do this'), false), 'error: no\ndo this\n');
    assert.equal(printFailure(new SourceError('f', 'gone'), true), 'error: cannot read f: gone\n');
  });

  it('calls a bug a bug, and shows its stack on demand', () => {
    const bug = new TypeError('x is undefined');
    assert.match(printFailure(bug, false), /^error: this is a bug in chainsmith: TypeError: x is undefined\n/);
    assert.doesNotMatch(printFailure(bug, false), /\n +at /);
    assert.match(printFailure(bug, true), /\n +at /);
    assert.match(printFailure('text', true), /bug in chainsmith: text/);
  });
});

describe('wantsColor', () => {
  it('obeys the choice, then the terminal', () => {
    assert.equal(wantsColor('always', {}), true);
    assert.equal(wantsColor('never', { isTTY: true }), false);
    assert.equal(wantsColor('auto', {}), false);
  });

  it('obeys NO_COLOR', () => {
    const before = process.env['NO_COLOR'];
    process.env['NO_COLOR'] = '1';
    assert.equal(wantsColor('auto', { isTTY: true }), false);
    if (before === undefined) delete process.env['NO_COLOR'];
    else process.env['NO_COLOR'] = before;
  });
});

describe('rulesData', () => {
  it('groups chains by table, and rules into lines', () => {
    const chain = { policy: '-', rules: '-A a\n-A b\n', purpose: 'p' } as const;
    const chains = [
      { ...chain, table: 'filter', name: 'A' },
      { ...chain, table: 'nat', name: 'B', rules: '' },
      { ...chain, table: 'filter', name: 'C', service: 'default/web' },
    ] as const;
    assert.deepEqual(rulesData({ family: 'ipv4', chains }, []), {
      family: 'ipv4',
      tables: [
        {
          name: 'filter',
          chains: [
            { name: 'A', policy: '-', rules: ['-A a', '-A b'], purpose: 'p' },
            { name: 'C', policy: '-', rules: ['-A a', '-A b'], purpose: 'p', service: 'default/web' },
          ],
        },
        { name: 'nat', chains: [{ name: 'B', policy: '-', rules: [], purpose: 'p' }] },
      ],
      diagnostics: [],
    });
  });
});

describe('writeFiles', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'chainsmith-out-'));
  });
  after(() => rmSync(root, { recursive: true }));

  it('replaces files and leaves no temporary ones', async () => {
    const folder = join(root, 'a', 'b');
    await writeFiles(folder, new Map([['x', '1']]));
    await writeFiles(folder, new Map([['x', '2'], ['y', '3']])); // prettier-ignore
    assert.deepEqual(readdirSync(folder).toSorted(), ['x', 'y']);
    assert.equal(readFileSync(join(folder, 'x'), 'utf8'), '2');
    assert.equal(process.listenerCount('SIGINT'), 0);
  });

  it('throws a typed error, and leaves the temporary files of none', async () => {
    const folder = join(root, 'c');
    mkdirSync(join(folder, 'x', 'full'), { recursive: true });
    await assert.rejects(writeFiles(folder, new Map([['x', '1']])), (error: unknown) => {
      assert.ok(error instanceof OutputError && error.cause instanceof Error);
      return error.path === join(folder, 'x');
    });
    assert.deepEqual(readdirSync(folder), ['x']);
  });

  it('comes back where directories cannot be made at all', async () => {
    writeFileSync(join(root, 'file'), '');
    await assert.rejects(writeFiles(join(root, 'file'), new Map()), OutputError);
    await assert.rejects(writeFiles(join(root, 'file', 'x'), new Map()), OutputError);
    await assert.rejects(writeFiles('/proc/chainsmith/x', new Map()), OutputError);
  });
});
