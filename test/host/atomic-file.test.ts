import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../src/host/atomic-file.ts';

describe('writeFileAtomically', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-atomic-'));
  after(() => rmSync(folder, { recursive: true }));

  it('makes the folders, writes and replaces, and leaves nothing else', async () => {
    const path = join(folder, 'a', 'b', 'file');
    await writeFileAtomically(path, 'one');
    await writeFileAtomically(path, 'two');
    assert.equal(readFileSync(path, 'utf8'), 'two');
    assert.deepEqual(readdirSync(join(folder, 'a', 'b')), ['file']);
  });

  it('lets only the owner read', async () => {
    const path = join(folder, 'secret');
    await writeFileAtomically(path, '');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('does not follow a link in its way, and removes what was left there, with its mode', async () => {
    const [path, victim] = [join(folder, 'd', 'file'), join(folder, 'victim')];
    await writeFileAtomically(path, 'old');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${path}.new`);
    await writeFileAtomically(path, 'new');
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.equal(readFileSync(path, 'utf8'), 'new');
    writeFileSync(`${path}.new`, 'torn', { mode: 0o644 });
    await writeFileAtomically(path, 'newer');
    assert.equal(readFileSync(path, 'utf8'), 'newer');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder, 'd')), ['file']);
  });

  it('leaves the old file, and no other, where it cannot write', async () => {
    const path = join(folder, 'c', 'file');
    await writeFileAtomically(path, 'old');
    mkdirSync(`${path}.new`);
    await assert.rejects(writeFileAtomically(path, 'new'));
    assert.equal(readFileSync(path, 'utf8'), 'old');
  });

  it('refuses a file in place of a folder', async () => {
    writeFileSync(join(folder, 'plain'), '');
    await assert.rejects(writeFileAtomically(join(folder, 'plain', 'file'), ''), /EEXIST|ENOTDIR/);
  });
});
