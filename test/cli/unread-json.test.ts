// Whoever reads JSON gets one document, whatever became of the input.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { runCli, withFolder, type CliResult } from './run-cli.ts';
import { isMapping } from '../../src/core/util/mapping.ts';

const RULES = 'golden/trace/hairpin/rules.txt';
const INPUT = ['-f', 'golden/verify/proved/input.yaml', '--node', 'node-a', '--cluster-cidr', '10.244.0.0/16'];

/** The codes of errors in `diagnostics`. */
function errorCodes(document: unknown): readonly unknown[] {
  assert.ok(isMapping(document) && Array.isArray(document['diagnostics']));
  const diagnostics: readonly unknown[] = document['diagnostics'];
  return diagnostics.flatMap((one) => (isMapping(one) && one['severity'] === 'error' ? [one['code']] : []));
}

function list(document: unknown, name: string): readonly unknown[] {
  assert.ok(isMapping(document));
  const found: unknown = document[name];
  assert.ok(Array.isArray(found), name);
  return found;
}

describe('-o json', () => {
  const cut = readFileSync(RULES, 'utf8').split('\n').slice(0, 40).join('\n');
  const commands: readonly (readonly [string, (file: string) => readonly string[], string])[] = [
    ['verify', (file) => ['verify', file, ...INPUT], 'families'],
    ['diff', (file) => ['diff', RULES, file], 'families'],
    ['lint', (file) => ['lint', file], 'findings'],
    ['decode', (file) => ['decode', file], 'families'],
    ['trace', (file) => ['trace', file, '--from', '10.244.1.7', '--to', '10.96.0.10:80'], 'outcomes'],
  ];

  for (const [name, args, part] of commands) {
    it(`of ${name} is a document with the reason where nothing could be read, or not all`, () => {
      withFolder((folder) => {
        const file = join(folder, 'dump.txt');
        const run = (text: string): CliResult => {
          writeFileSync(file, text);
          return runCli([...args(file), '-o', 'json']);
        };
        const empty = run('');
        assert.equal(empty.status, 1);
        const document: unknown = JSON.parse(empty.out);
        assert.deepEqual(list(document, part), []);
        assert.deepEqual(errorCodes(document), ['dump-empty']);
        assert.match(empty.err, /^error\[dump-empty\]/m);
        const half = run(cut);
        assert.equal(half.status, 1);
        assert.deepEqual(errorCodes(JSON.parse(half.out)), ['dump-truncated']);
        assert.match(half.err, /^error\[dump-truncated\]/m);
        if (name === 'verify' || name === 'diff') assert.deepEqual(list(JSON.parse(half.out), part), []);
      });
    });
  }

  it('of diff --modes is one as well', () => {
    const { status, out } = runCli(['diff', '--modes', '-f', '-', '-o', 'json'], { input: 'kind: Nothing\n' });
    assert.equal(status, 1);
    assert.deepEqual(list(JSON.parse(out), 'families'), []);
    assert.ok(errorCodes(JSON.parse(out)).length > 0);
  });

  it('has the diagnostics of what could be read', () => {
    const { status, out } = runCli(['verify', 'golden/verify/proved/rules.txt', ...INPUT, '-o', 'json']);
    assert.equal(status, 0);
    assert.deepEqual(errorCodes(JSON.parse(out)), []);
    assert.equal(list(JSON.parse(out), 'families').length, 1);
  });
});

describe('-o yaml and -o sarif of what cannot be read', () => {
  it('are one document that says why', () => {
    const yaml = runCli(['decode', '-', '-o', 'yaml'], { input: '' });
    assert.equal(yaml.status, 1);
    assert.deepEqual(errorCodes(load(yaml.out)), ['dump-empty']);
    const sarif = runCli(['lint', '-', '-o', 'sarif'], { input: '' });
    assert.equal(sarif.status, 1);
    const [run] = list(JSON.parse(sarif.out), 'runs');
    assert.deepEqual(list(run, 'results'), []);
    const [invocation] = list(run, 'invocations');
    assert.ok(isMapping(invocation));
    assert.equal(invocation['executionSuccessful'], false);
    const [notification] = list(invocation, 'toolExecutionNotifications');
    assert.ok(isMapping(notification));
    assert.deepEqual([notification['level'], notification['descriptor']], ['error', { id: 'dump-empty' }]);
  });
});

describe('a dump without a table', () => {
  it('is told with -q too, as it changes the answer', () => {
    const nat = readFileSync('golden/verify/proved/rules.txt', 'utf8').replace(/^\*filter$[^]*?^COMMIT$/m, '');
    const verified = runCli(['verify', '-q', '-', ...INPUT], { input: nat });
    assert.equal(verified.err, 'warning: the IPv4 dump has no table filter; it is taken for empty\n');
    const traced = runCli(['trace', '-q', '-', '--from', '10.244.1.7', '--to', '10.96.0.10:80'], { input: nat });
    assert.equal(traced.err, 'warning: the dump has no filter FORWARD; it is taken for empty\n');
  });
});
