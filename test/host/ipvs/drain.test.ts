import assert from 'node:assert/strict';
import { parseIp } from '../../../src/core/model/ip.ts';
import type { Draining } from '../../../src/core/plan/ipvs/ipvs-steps.ts';
import { drainText } from '../../../src/cli/output/drain-text.ts';
import { drain } from '../../../src/host/ipvs/drain.ts';
import { FakeKubeIpvs } from '../../support/fake-kube-ipvs.ts';

const KEY = 'tcp 10.96.0.1:80 10.244.0.7:8080';

function draining(): Draining {
  const [vip, ip] = [parseIp('10.96.0.1'), parseIp('10.244.0.7')];
  assert.ok(vip !== undefined && ip !== undefined);
  return { address: { kind: 'address', protocol: 'tcp', ip: vip, port: 80 }, ip, port: 8080 };
}

describe('drain', () => {
  it('ends when the last connection does, closing ones included', async () => {
    const kube = new FakeKubeIpvs();
    kube.open.set(KEY, { active: 1, inactive: 1 });
    setTimeout(() => kube.open.set(KEY, { active: 0, inactive: 1 }), 30);
    setTimeout(() => kube.open.delete(KEY), 60);
    const steps: string[] = [];
    const report = await drain(kube, [draining()], { seconds: 10, onStep: (step) => steps.push(step) });
    assert.ok(report.waitedMs >= 50 && report.waitedMs < 5000, `${report.waitedMs}`);
    assert.deepEqual([report.servers, report.cut], [1, []]);
    assert.equal(steps[0], 'waiting for 2 connections of 1 real server to end, at most 10 s');
    assert.equal(drainText([report], false), '');
  });

  it('names what is still open when the time is up', async () => {
    const kube = new FakeKubeIpvs();
    kube.open.set(KEY, { active: 2, inactive: 1 });
    const report = await drain(kube, [draining()], { seconds: 0.05 });
    assert.deepEqual(report.cut, [
      { server: 'tcp 10.96.0.1:80', realServer: '10.244.0.7:8080', active: 2, inactive: 1 },
    ]);
    assert.equal(
      drainText([{ ...report, waitedMs: 30_000 }], true),
      'warning: 1 real server went after 30 s with connections left; --drain-timeout waits longer:\n' +
        '  10.244.0.7:8080 of tcp 10.96.0.1:80: 2 open, 1 closing\n',
    );
  });

  it('waits no longer once it is interrupted', async () => {
    const kube = new FakeKubeIpvs();
    kube.open.set(KEY, { active: 1, inactive: 0 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    const report = await drain(kube, [draining()], { seconds: 100, signal: abort.signal });
    assert.ok(report.waitedMs < 5000);
    assert.equal(report.cut.length, 1);
  });

  it('says that it waited, where it was long', () => {
    assert.equal(
      drainText([{ servers: 2, waitedMs: 4200, cut: [] }], false),
      '2 real servers went after the last connection had ended, 4 s later\n',
    );
  });
});
