import assert from 'node:assert/strict';
import { memoryIo } from '../../../src/host/sources/memory-io.ts';
import { SourceError } from '../../../src/host/sources/source-error.ts';
import { findCases } from '../../../src/host/testing/find-cases.ts';
import { readCase } from '../../../src/host/testing/read-case.ts';

describe('cases in a directory', () => {
  it('are folders with a file that is read, sorted, each with the defaults above it', async () => {
    const io = memoryIo({
      't/defaults.yaml': '',
      't/b/input.yaml': '',
      't/b/inner/input.yaml': '',
      't/a/defaults.yaml': '',
      't/a/z/flows.yaml': '',
      't/a/a/input/web.yaml': '',
      't/a/a/input/flows.yaml': '',
      't/.git/input.yaml': '',
      't/node_modules/x/input.yaml': '',
      't/docs/README.md': '',
    });
    const { cases, diagnostics } = await findCases('t', io);
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      cases.map(({ name, folder, defaults }) => [name, folder, defaults]),
      [
        ['a/a', 't/a/a', ['t/defaults.yaml', 't/a/defaults.yaml']],
        ['a/z', 't/a/z', ['t/defaults.yaml', 't/a/defaults.yaml']],
        ['b', 't/b', ['t/defaults.yaml']],
      ],
    );
  });

  it('may be the directory itself', async () => {
    const { cases } = await findCases('some/web', memoryIo({ 'some/web/snapshot.json': '{}' }));
    assert.deepEqual(
      cases.map(({ name, folder }) => [name, folder]),
      [['web', 'some/web']],
    );
  });

  it('must be there', async () => {
    const { cases, diagnostics } = await findCases('t', memoryIo({ 't/config.yaml': '' }));
    assert.deepEqual(cases, []);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['test-no-cases'],
    );
    await assert.rejects(findCases('nowhere', memoryIo({})), SourceError);
    await assert.rejects(findCases('t/x', memoryIo({ 't/x': '' })), /cannot read t\/x: it is a file/);
  });

  it('are read file by file', async () => {
    const io = memoryIo({
      't/defaults.yaml': 'node: a\n',
      't/x/input.yaml': 'whatever',
      't/x/input/a.yaml': '',
      't/x/config.yaml': '',
      't/x/case.yaml': '# only a comment\n',
      't/x/flows.yaml': '- from: node\n',
      't/x/iptables.rules': '*nat\n',
      't/x/notes.yaml': '',
      't/x/flows.yaml~': '',
      't/x/inputs.yml': '',
    });
    const [found] = (await findCases('t', io)).cases;
    assert.ok(found !== undefined);
    const read = await readCase(found, io);
    assert.deepEqual(read.inputs, ['input', 'input.yaml']);
    assert.deepEqual(
      read.options.map(({ document }) => document),
      [{ node: 'a' }],
    );
    assert.deepEqual(read.flows?.document, [{ from: 'node' }]);
    assert.deepEqual([...read.expected], [['iptables.rules', '*nat\n']]);
    assert.equal(read.hasConfig, true);
    assert.deepEqual(
      read.diagnostics.map(({ code, hint }) => [code, hint]),
      [['test-unknown-file', 'did you mean input.yaml?']],
    );
  });
});
