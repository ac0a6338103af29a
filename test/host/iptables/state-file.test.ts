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
import { fieldOf } from '../../../src/core/util/mapping.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { StateFile } from '../../../src/host/iptables/state-file.ts';

describe('StateFile', function () {
  let folder = '';
  const path = (kind: string): string => join(folder, 'netns-7-1', `${kind}-apply.json`);
  const kinds = (): readonly string[] => readdirSync(join(folder, 'netns-7-1')).toSorted();

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainsmith-state-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('knows nothing before the first apply', async () => {
    assert.equal(await new StateFile(folder, '7-1').read(), undefined);
    assert.equal(await new StateFile(folder, '7-1').readPending(), undefined);
    assert.equal(await new StateFile(folder, '7-1').isThere(), false);
  });

  it('is there from the first apply on, until it is dropped', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{}');
    assert.equal(await state.isThere(), true);
    await state.keepPending('{}', {});
    assert.equal(await state.isThere(), true);
    assert.equal(await new StateFile(folder, '7-2').isThere(), false);
    await state.dropLast();
    assert.equal(await state.isThere(), false);
  });

  it('has what an apply replaces, first as pending, then as the last one', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    assert.deepEqual(await state.read(), {
      kind: 'pending',
      document: { a: 1 },
      fingerprint: {},
      path: path('pending'),
    });
    await state.keepPending('{"a":2}', { ipv4: 'f' });
    assert.deepEqual(await state.read(), {
      kind: 'last',
      document: { a: 2 },
      fingerprint: { ipv4: 'f' },
      path: path('last'),
    });
    assert.deepEqual(kinds(), ['last-apply.json']);
  });

  it('goes back to the last one if an apply has changed nothing', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    await state.keepPending('{"a":1}', { ipv4: 'f' });
    await state.writePending('{"a":2}');
    await state.dropPending();
    assert.deepEqual((await state.read())?.document, { a: 1 });
    await state.dropLast();
    assert.equal(await state.read(), undefined);
  });

  it('prefers the pending one of an apply that was killed, and can make it the last one', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    await state.keepPending('{"a":1}', { ipv4: 'f' });
    await state.writePending('{"a":2}');
    assert.equal((await state.read())?.kind, 'pending');
    await state.promotePending();
    assert.deepEqual([(await state.read())?.kind, (await state.read())?.document], ['last', { a: 2 }]);
  });

  it('keeps the pending one as the last where that cannot be written', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    mkdirSync(`${path('last')}.new`);
    await state.keepPending('{"a":2}', { ipv4: 'f' });
    assert.deepEqual((await state.read())?.document, { a: 1 });
    assert.equal((await state.read())?.kind, 'last');
  });

  it('does not write the document again', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":"é"}');
    const { ino } = statSync(path('pending'));
    const fingerprint = { ipv4: 'f'.repeat(64), ipv6: '6'.repeat(64), ipvs: '0'.repeat(64) };
    await state.keepPending('{"a":"é"}', fingerprint);
    assert.equal(statSync(path('last')).ino, ino);
    assert.deepEqual(await state.read(), { kind: 'last', document: { a: 'é' }, fingerprint, path: path('last') });
    assert.deepEqual(kinds(), ['last-apply.json']);
  });

  it('writes it again where the fingerprint has no room in what is there', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    await state.keepPending('{"a":1}', { ipv4: 'f'.repeat(1000) });
    assert.equal((await state.read())?.fingerprint['ipv4']?.length, 1000);
    assert.deepEqual(kinds(), ['last-apply.json']);
  });

  it('keeps what was stored as it is where neither can be done', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    mkdirSync(`${path('last')}.new`);
    await state.keepPending('{"a":1}', { ipv4: 'f'.repeat(1000) });
    assert.deepEqual(await state.read(), { kind: 'last', document: { a: 1 }, fingerprint: {}, path: path('last') });
  });

  it('writes it again where what was stored is gone, or something else lies there', async () => {
    const state = new StateFile(folder, '7-1');
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    for (const act of [() => {}, () => symlinkSync(victim, path('pending')), () => mkdirSync(path('pending'))]) {
      await state.writePending('{"a":1}');
      rmSync(path('pending'));
      act();
      await state.keepPending('{"a":1}', { ipv4: 'f' }).catch(() => {});
      const stored: unknown = JSON.parse(readFileSync(path('last'), 'utf8'));
      assert.deepEqual([fieldOf(stored, 'document'), fieldOf(stored, 'fingerprint')], [{ a: 1 }, { ipv4: 'f' }]);
      assert.equal(readFileSync(victim, 'utf8'), 'precious');
      rmSync(path('pending'), { recursive: true, force: true });
      await state.dropLast();
    }
  });

  it('has a pending one that can be read, wherever a process ends that makes it the last one', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    // Nothing can be renamed to a folder that is not empty: this is where it ends.
    mkdirSync(join(path('last'), 'in-the-way'), { recursive: true });
    await state.keepPending('{"a":1}', { ipv4: 'f' });
    const found = await new StateFile(folder, '7-1').read();
    assert.deepEqual([found?.kind, found?.document], ['pending', { a: 1 }]);
    assert.deepEqual(kinds(), ['last-apply.json', 'pending-apply.json']);
  });

  it('keeps namespaces apart', async () => {
    await new StateFile(folder, '7-1').writePending('{"a":1}');
    assert.equal(await new StateFile(folder, '7-2').read(), undefined);
  });

  it('forgets at a reboot', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{"a":1}');
    const stored = readFileSync(path('pending'), 'utf8');
    writeFileSync(path('pending'), stored.replace(/"bootId":"[^"]*"/, '"bootId":"another"'));
    assert.equal(await state.read(), undefined);
  });

  it('refuses what is not its own, and does not let that stop an apply', async () => {
    const state = new StateFile(folder, '7-1');
    await state.writePending('{}');
    for (const text of ['', '{', '[]', '{"apiVersion":"chainsmith/v9","kind":"ApplyState"}']) {
      writeFileSync(path('pending'), text);
      await assert.rejects(state.read(), HostError, text);
      assert.equal(await state.readPending(), undefined);
    }
  });

  it('says which file it was, if it cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const state = new StateFile(join(folder, 'file'), '7-1');
    await assert.rejects(
      state.writePending('{}'),
      (error) =>
        error instanceof HostError &&
        error.message.includes('pending-apply.json cannot be written: ') &&
        /--state-dir/.test(error.advice ?? ''),
    );
  });
});
