import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { HostError } from '../../src/host/host-error.ts';
import { openNetworkNamespace } from '../../src/host/network-namespace.ts';
import { ScriptedRunner } from '../../src/host/scripted-runner.ts';

const OWN = '/proc/self/ns/net';

describe('openNetworkNamespace', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it("is this process's own without a name, and runs commands as they are", async () => {
    const runner = new ScriptedRunner([{ line: 'ip link' }]);
    const { name, id, runner: inside } = await openNetworkNamespace(runner, undefined);
    assert.equal(name, undefined);
    assert.equal(id, statSync(OWN).ino);
    await inside.run('ip', ['link']);
    runner.assertFinished();
  });

  it('takes a path, and a process; both are the same place', async () => {
    const runner = new ScriptedRunner([{ line: `nsenter --net=${OWN} ip link`, input: 'x' }], ['ip']);
    const byPath = await openNetworkNamespace(runner, OWN);
    const byProcess = await openNetworkNamespace(new ScriptedRunner([]), `pid:${process.pid}`);
    assert.equal(byPath.id, byProcess.id);
    await byPath.runner.run('ip', ['link'], { input: 'x' });
    assert.equal(await byPath.runner.which('ip'), '/usr/sbin/ip');
    runner.assertFinished();
  });

  for (const name of ['chainsmith-no-such-name', '/no/such/path', 'pid:4194305']) {
    it(`says that there is no ${name}`, async () => {
      await assert.rejects(
        openNetworkNamespace(new ScriptedRunner([]), name),
        (error) => error instanceof HostError && error.message.includes(name),
      );
    });
  }
});
