import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { KOFFI_VERSION, loadKoffi, NetlinkUnavailable } from '../../../../src/host/netlink/koffi/load-koffi.ts';
import { repositoryRoot } from '../../../support/golden-paths.ts';

function unavailable(message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof NetlinkUnavailable &&
    message.test(error.message) &&
    (error.advice ?? '').includes('npm install koffi@');
}

describe('koffi', () => {
  it('is asked for by the version that package.json pins', () => {
    const text = readFileSync(join(repositoryRoot, 'package.json'), 'utf8');
    assert.ok(text.includes(`"koffi": "${KOFFI_VERSION}"`));
  });

  it('may not be there: the message says how to get it', () => {
    const missing = (): never => {
      throw Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
    };
    assert.throws(() => loadKoffi(missing), unavailable(/takes the package koffi, which is not installed$/));
  });

  it('may have no binary for this machine', () => {
    const broken = (): never => {
      throw new Error('Cannot find the native Koffi module\nlong story');
    };
    assert.throws(() => loadKoffi(broken), unavailable(/which does not load: Cannot find the native Koffi module$/));
  });

  it('may be something else', () => {
    for (const other of [undefined, null, 7, {}, { load: 1, errno: 2 }]) {
      assert.throws(() => loadKoffi(() => other), unavailable(/not the one/));
    }
  });

  it('is not used outside the main thread', async function () {
    if (process.platform !== 'linux') this.skip();
    const module = new URL('../../../../src/host/netlink/open-socket.js', import.meta.url).href;
    const script = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(module)}).then(({ openNetlinkSocket }) => {
        try { openNetlinkSocket('route'); parentPort.postMessage('opened'); } catch (e) { parentPort.postMessage(e.message); }
      });`;
    const worker = new Worker(script, { eval: true });
    const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    assert.equal(said, 'netlink can be spoken from the main thread only');
  });
});
