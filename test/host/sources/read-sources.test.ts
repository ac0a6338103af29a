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
        'dir/z.yaml': 'kind: z',
        'dir/b/x.json': '{"kind": "x"}',
        'dir/a.yml': '---\nkind: a\n',
        'dir/b/node_modules/c/x.json': '{"kind": "no"}',
        'dir/readme.md': 'no: manifest',
        'dir/.hidden.yaml': 'no: 1',
        'dir/.git/x.yaml': 'no: 1',
      },
      'stdin: 1',
    );
    const read = await readSources(['one.txt', '-', 'dir', '-'], io);
    assert.deepEqual(read.documents, [{ a: 1 }, { stdin: 1 }, { kind: 'a' }, { kind: 'x' }, { kind: 'z' }]);
    assert.deepEqual(
      read.locations.map((l) => `${l.file}:${l.line}`),
      ['one.txt:1', '<stdin>:1', 'dir/a.yml:2', 'dir/b/x.json:1', 'dir/z.yaml:1'],
    );
    assert.deepEqual(read.diagnostics, []);
  });

  it('goes on after a file that cannot be parsed', async () => {
    const read = await readSources(
      ['d'],
      memoryIo({ 'd/a.yaml': 'kind: b: c', 'd/b.yaml': 'kind: b', 'd/c.yaml': '' }),
    );
    assert.deepEqual(read.documents, [{ kind: 'b' }]);
    assert.deepEqual(
      read.diagnostics.map((d) => `${d.code} ${d.location?.file}`),
      ['yaml-syntax d/a.yaml', 'no-objects d/c.yaml'],
    );
  });

  it('passes over what holds no objects in a directory, but not what is named', async () => {
    const files = {
      'd/package.json': '{"name": "x"}',
      'd/tsconfig.json': '{ // comment\n}',
      'd/tasks.yaml': '- name: x\n',
      'd/text.yaml': 'text',
      'd/numbers.yaml': '1\n---\n2\n',
      'd/values.yaml': 'replicas: 2',
      'd/slip.yaml': 'apiVersion: v1',
      'd/list.json': '[{"kind": "x"}]',
    };
    const read = await readSources(['d'], memoryIo(files));
    assert.deepEqual(read.documents, [[{ kind: 'x' }], { apiVersion: 'v1' }]);
    assert.deepEqual(
      read.diagnostics.map((d) => d.message),
      [
        '6 files without Kubernetes objects: d/numbers.yaml, d/package.json, d/tasks.yaml, d/text.yaml, d/tsconfig.json and 1 more',
      ],
    );
    assert.deepEqual((await readSources(['d/values.yaml'], memoryIo(files))).documents, [{ replicas: 2 }]);
    assert.equal((await readSources(['d/tsconfig.json'], memoryIo(files))).diagnostics[0]?.code, 'json-syntax');
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
    await assert.rejects(readSources(['https://example.com/a.yaml'], memoryIo({})), /reads no URLs; fetch it: curl/);
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
    writeFileSync(join(root, 'sub', 'b.yaml'), 'kind: b\n');
    writeFileSync(join(root, 'a.yaml'), 'kind: a\n');
    symlinkSync(root, join(root, 'sub', 'loop'));
    symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  });
  after(() => rmSync(root, { recursive: true }));

  it('reads a directory once, though a link leads back into it', async () => {
    assert.deepEqual((await readSources([root])).documents, [{ kind: 'a' }, { kind: 'b' }]);
  });

  it('names the reason of the system', async () => {
    await assert.rejects(readSources([join(root, 'a.yaml', 'x')]), /not a directory/);
    symlinkSync(join(root, 'nowhere'), join(root, 'sub', 'gone.yaml'));
    const { documents, diagnostics } = await readSources([root]);
    assert.equal(documents.length, 2);
    assert.deepEqual(
      diagnostics.map((d) => `${d.code} ${d.location?.file}`),
      [`broken-link ${join(root, 'sub', 'gone.yaml')}`],
    );
    await assert.rejects(readSources([join(root, 'sub', 'gone.yaml')]), /gone\.yaml: no such file/);
    rmSync(join(root, 'sub', 'gone.yaml'));
  });
});
