import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../../scripts/docs/pages.ts';

describe('the package', () => {
  // Without its scripts: they would build, under the feet of the other tests.
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const files = new Set([...listed.matchAll(/"path": "([^"]+)"/g)].map(([, path = '']) => path));

  it('has the command, the library, templates and the licence', () => {
    for (const path of [
      'dist/bin/chainsmith.js',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'LICENSE',
      'templates/README.md',
    ])
      assert.ok(files.has(path), path);
    assert.ok(![...files].some((path) => /^(?:test|golden|src|scripts|dist\/test|dist\/scripts)\//.test(path)));
  });

  it('has what its README links to', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    for (const [, target = ''] of readme.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target) || target.startsWith('src/')) continue;
      const path = posix.normalize(target);
      assert.ok(files.has(path) || [...files].some((file) => file.startsWith(`${path}/`)), target);
    }
  });
});
