import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/docs/pages.ts';

describe('scripts/check-lock.mjs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-lock-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'package-lock.json');
  const check = (...args: readonly string[]): { status: number | null; text: string } => {
    const run = spawnSync(process.execPath, [join(ROOT, 'scripts/check-lock.mjs'), file, ...args], {
      encoding: 'utf8',
    });
    return { status: run.status, text: run.stdout + run.stderr };
  };
  const parent = { version: '1.2.3', dev: true, license: 'MIT' };
  const packages = (optional: object, more: object = {}): string =>
    JSON.stringify({
      name: 'x',
      packages: { '': {}, ...more, 'node_modules/p': { ...parent, optionalDependencies: optional } },
    });

  it('names a platform without an entry, and adds it', () => {
    writeFileSync(file, packages({ '@p/linux-arm64-musl': '1.2.3', '@p/win32-x64-msvc': '1.2.3' }));
    assert.equal(check().status, 1);
    assert.match(check().text, /@p\/linux-arm64-musl, which node_modules\/p names, has no entry/);
    assert.equal(check('--fix').status, 0);
    assert.equal(check().status, 0);
    const lock: unknown = JSON.parse(readFileSync(file, 'utf8'));
    assert.ok(typeof lock === 'object' && lock !== null && 'packages' in lock);
    const entry = { version: '1.2.3', dev: true, license: 'MIT', optional: true };
    assert.deepEqual(lock.packages, {
      '': {},
      'node_modules/@p/linux-arm64-musl': { ...entry, cpu: ['arm64'], libc: ['musl'], os: ['linux'] },
      'node_modules/@p/win32-x64-msvc': { ...entry, cpu: ['x64'], os: ['win32'] },
      'node_modules/p': {
        ...parent,
        optionalDependencies: { '@p/linux-arm64-musl': '1.2.3', '@p/win32-x64-msvc': '1.2.3' },
      },
    });
  });

  it('finds an entry beside the package that wants it', () => {
    writeFileSync(file, packages({ q: '^1.0.0' }, { 'node_modules/p/node_modules/q': {} }));
    assert.equal(check().status, 0);
  });

  it('does not guess what a name does not say', () => {
    writeFileSync(file, packages({ q: '1.0.0' }));
    assert.equal(check('--fix').status, 1);
  });
});
