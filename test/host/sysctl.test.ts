import assert from 'node:assert/strict';
import { HostError } from '../../src/host/host-error.ts';
import { ScriptedRunner } from '../../src/host/scripted-runner.ts';
import { readSysctl, writeSysctl } from '../../src/host/sysctl.ts';

const KEY = 'net.ipv4.conf.all.route_localnet';
const PATH = '/proc/sys/net/ipv4/conf/all/route_localnet';

describe('sysctls', () => {
  it('are read without the newline', async () => {
    assert.equal(await readSysctl(new ScriptedRunner([{ line: `cat ${PATH}`, stdout: '0\n' }]), KEY), '0');
    const ports = new ScriptedRunner([
      { line: 'cat /proc/sys/net/ipv4/ip_local_port_range', stdout: '32768\t60999\n' },
    ]);
    assert.equal(await readSysctl(ports, 'net.ipv4.ip_local_port_range'), '32768\t60999');
  });

  for (const stdout of ['', '0', '\n', '0\n1\n', '\u0001\n']) {
    it(`are not what the kernel cannot have said: ${JSON.stringify(stdout)}`, async () => {
      await assert.rejects(readSysctl(new ScriptedRunner([{ line: `cat ${PATH}`, stdout }]), KEY), HostError);
    });
  }

  it('are written, and read back', async () => {
    const runner = new ScriptedRunner([
      { line: `tee ${PATH}`, input: '1\n' },
      { line: `cat ${PATH}`, stdout: '1\n' },
    ]);
    await writeSysctl(runner, KEY, '1');
    runner.assertFinished();
  });

  it('that the kernel did not take are an error', async () => {
    const runner = new ScriptedRunner([{ line: `tee ${PATH}` }, { line: `cat ${PATH}`, stdout: '0\n' }]);
    await assert.rejects(writeSysctl(runner, KEY, '1'), /is 0, though 1 was written/);
  });

  it('are those of a network namespace only', async () => {
    for (const key of ['kernel.panic', 'net/../kernel/panic', 'net.ipv4.x y']) {
      await assert.rejects(readSysctl(new ScriptedRunner([]), key), RangeError);
    }
  });
});
