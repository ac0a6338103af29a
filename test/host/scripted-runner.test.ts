import assert from 'node:assert/strict';
import { CommandFailed } from '../../src/host/exec.ts';
import { ScriptedRunner } from '../../src/host/scripted-runner.ts';

describe('ScriptedRunner', () => {
  it('answers the expected commands in turn', async () => {
    const runner = new ScriptedRunner([
      { line: 'iptables-save -t nat', stdout: '*nat\n' },
      { line: 'iptables-restore', input: 'rules' },
    ]);
    assert.equal((await runner.run('iptables-save', ['-t', 'nat'])).stdout, '*nat\n');
    await runner.run('iptables-restore', [], { input: 'rules' });
    runner.assertFinished();
  });

  it('refuses a command that the script does not have next', async () => {
    const runner = new ScriptedRunner([{ line: 'ip link' }]);
    await assert.rejects(runner.run('ip', ['route']), /unexpected command: ip route\n {2}the script has: ip link/);
    await assert.rejects(runner.run('ip', ['route']), /the script has: \(its end\)/);
  });

  it('refuses another input', async () => {
    const runner = new ScriptedRunner([{ line: 'tee x', input: '1' }]);
    await assert.rejects(runner.run('tee', ['x'], { input: '2' }), /expected the input/);
  });

  it('fails as a real command would', async () => {
    const script = [{ line: 'iptables -C', exitCode: 1, stderr: 'Bad rule' }];
    const failure: unknown = await new ScriptedRunner(script).run('iptables', ['-C']).catch((error: unknown) => error);
    assert.ok(failure instanceof CommandFailed);
    assert.equal(failure.message, 'iptables -C: exit code 1: Bad rule');
    const accepted = await new ScriptedRunner(script).run('iptables', ['-C'], { okExitCodes: [0, 1] });
    assert.equal(accepted.exitCode, 1);
  });

  it('knows what is installed', async () => {
    const runner = new ScriptedRunner([], ['ipset']);
    assert.equal(await runner.which('ipset'), '/usr/sbin/ipset');
    assert.equal(await runner.which('ipvsadm'), undefined);
  });

  it('notices commands that never came', () => {
    assert.throws(() => new ScriptedRunner([{ line: 'ip link' }]).assertFinished(), /never run:\n {2}ip link/);
  });
});
