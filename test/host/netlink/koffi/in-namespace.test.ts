import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fstatSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostError } from '../../../../src/host/host-error.ts';
import { inNetworkNamespace } from '../../../../src/host/netlink/koffi/in-namespace.ts';
import { fakeLibc } from './fake-libc.ts';

const EINVAL = 22;
const EPERM = 1;

describe('a network namespace of another name', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('is entered, and left again', () => {
    const entered: number[] = [];
    const libc = fakeLibc({ setns: (fd) => (entered.push(fstatSync(fd).ino), 0) });
    const folder = mkdtempSync(join(tmpdir(), 'chainsmith-netns-'));
    const path = join(folder, 'other');
    writeFileSync(path, '');
    try {
      assert.equal(
        inNetworkNamespace(libc, path, () => entered.length),
        1,
      );
      assert.deepEqual(entered, [statSync(path).ino, statSync('/proc/self/ns/net').ino]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is left also when something fails inside', () => {
    let calls = 0;
    const libc = fakeLibc({ setns: () => ((calls += 1), 0) });
    const fail = (): never => assert.fail('inside');
    assert.throws(() => inNetworkNamespace(libc, '/proc/self/ns/net', fail), /inside/);
    assert.equal(calls, 2);
  });

  it('is not entered when it is none, or without privileges', () => {
    const run = (): never => assert.fail('it was entered');
    const none = fakeLibc({ setns: () => -EINVAL });
    assert.throws(
      () => inNetworkNamespace(none, '/dev/null', run),
      /HostError: \/dev\/null is not a network namespace/,
    );
    const forbidden = fakeLibc({ setns: () => -EPERM });
    assert.throws(
      () => inNetworkNamespace(forbidden, '/proc/self/ns/net', run),
      (error) => error instanceof HostError && error.advice === 'run chainsmith as root' && /EPERM/.test(error.message),
    );
    assert.throws(
      () => inNetworkNamespace(none, '/nowhere', run),
      /\/nowhere cannot be opened: no such file or directory/,
    );
  });

  it('is the end of the process when there is no way back', () => {
    const module = new URL('../../../../src/host/netlink/koffi/in-namespace.js', import.meta.url).href;
    const script = `
      import { inNetworkNamespace } from ${JSON.stringify(module)};
      let calls = 0;
      const setns = () => (++calls === 1 ? { value: 0, errno: 0 } : { value: -1, errno: ${EPERM} });
      inNetworkNamespace({ setns }, '/proc/self/ns/net', () => console.log('inside'));
      console.log('outside');`;
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.deepEqual([ended.status, ended.stdout], [1, 'inside\n']);
    assert.match(
      ended.stderr,
      /^chainsmith: the way back from another network namespace is blocked: .*EPERM.*; ending at once\n$/,
    );
  });
});
