import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryIo } from '../../../src/host/sources/memory-io.ts';
import { readSources } from '../../../src/host/sources/read-sources.ts';
import { SourceError } from '../../../src/host/sources/source-error.ts';

describe('readSources', () => {
  it('reads files, directories by name and below, and standard input, in the order given', async () => {
    const io = memoryIo(
      {
        'one.txt': 'a: 1',
        'dir/z.yaml': 'z: 1',
        'dir/b/x.json': '{"x": 1}',
        'dir/a.yml': '---\na: 2\n',
        'dir/readme.md': 'no: manifest',
        'dir/.hidden.yaml': 'no: 1',
        'dir/.git/x.yaml': 'no: 1',
      },
      'stdin: 1',
    );
    const read = await readSources(['one.txt', '-', 'dir', '-'], io);
    assert.deepEqual(read.documents, [{ a: 1 }, { stdin: 1 }, { a: 2 }, { x: 1 }, { z: 1 }]);
    assert.deepEqual(
      read.locations.map((l) => `${l.file}:${l.line}`),
      ['one.txt:1', '<stdin>:1', 'dir/a.yml:2', 'dir/b/x.json:1', 'dir/z.yaml:1'],
    );
    assert.deepEqual(read.diagnostics, []);
  });

  it('goes on after a file that cannot be parsed', async () => {
    const read = await readSources(['d'], memoryIo({ 'd/a.yaml': 'a: b: c', 'd/b.yaml': 'b: 1', 'd/c.yaml': '' }));
    assert.deepEqual(read.documents, [{ b: 1 }]);
    assert.deepEqual(
      read.diagnostics.map((d) => `${d.code} ${d.location?.file}`),
      ['yaml-syntax d/a.yaml', 'no-objects d/c.yaml'],
    );
  });

  it('reports a directory without manifests', async () => {
    const read = await readSources(['d/'], memoryIo({ 'd/readme.md': '' }));
    assert.deepEqual(
      read.diagnostics.map((d) => d.code),
      ['no-objects'],
    );
  });

  it('throws a typed error for what cannot be opened', async () => {
    await assert.rejects(readSources(['nope.yaml'], memoryIo({})), (error: unknown) => {
      assert.ok(error instanceof SourceError);
      assert.equal(error.path, 'nope.yaml');
      assert.ok(error.cause instanceof Error);
      assert.match(error.message, /^cannot read nope.yaml: no such file or directory \(check the spelling/);
      return true;
    });
    await assert.rejects(readSources(['https://example.com/a.yaml'], memoryIo({})), /offline; fetch it: curl/);
  });

  it('says what a file is that is not UTF-8 text', async () => {
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [Buffer.from('\ufeffa: 1', 'utf16le'), /UTF-16/],
      [Buffer.from('kind: x', 'utf16le'), /UTF-16/],
      [Buffer.from([0x1f, 0x8b, 8, 0, 1]), /gzip/],
      [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x02, 0, 0, 0, 0]), /binary/],
      [Buffer.from([0x61, 0x3a, 0x20, 0xe4, 0x0a]), /not UTF-8/],
    ];
    for (const [bytes, message] of cases) {
      const { diagnostics } = await readSources(['f'], memoryIo({ f: bytes }));
      assert.equal(diagnostics[0]?.code, 'not-text');
      assert.match(diagnostics[0]?.message ?? '', message);
    }
  });

  it('drops a byte order mark', async () => {
    const read = await readSources(['f', 'g'], memoryIo({ f: '\ufeffa: 1', g: '\ufeff{"b": 1}' }));
    assert.deepEqual(read.documents, [{ a: 1 }, { b: 1 }]);
  });
});

describe('readSources on a real file system', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'chainsmith-sources-'));
    mkdirSync(join(root, 'sub'));
    writeFileSync(join(root, 'sub', 'b.yaml'), 'b: 1\n');
    writeFileSync(join(root, 'a.yaml'), 'a: 1\n');
    symlinkSync(root, join(root, 'sub', 'loop'));
    symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  });
  after(() => rmSync(root, { recursive: true }));

  it('reads a directory once, though a link leads back into it', async () => {
    assert.deepEqual((await readSources([root])).documents, [{ a: 1 }, { b: 1 }]);
  });

  it('names the reason of the system', async () => {
    await assert.rejects(readSources([join(root, 'a.yaml', 'x')]), /not a directory/);
    symlinkSync(join(root, 'nowhere'), join(root, 'sub', 'gone.yaml'));
    await assert.rejects(readSources([root]), /gone\.yaml: no such file/);
    rmSync(join(root, 'sub', 'gone.yaml'));
  });
});
