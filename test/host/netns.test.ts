import assert from 'node:assert/strict';
import * as netns from '../../src/host/netns.ts';
import { ScriptedRunner, type ScriptedCommand } from '../../src/host/scripted-runner.ts';

async function plays(
  script: readonly ScriptedCommand[],
  act: (runner: ScriptedRunner) => Promise<void>,
): Promise<void> {
  const runner = new ScriptedRunner(script);
  await act(runner);
  runner.assertFinished();
}

describe('netns', () => {
  it('never gives a name twice', () => {
    const first = netns.uniqueName('lab');
    assert.match(first, new RegExp(`^lab-${process.pid}-\\d+$`));
    assert.notEqual(netns.uniqueName('lab'), first);
  });

  it('lists names without the ids that ip prints after them', async () => {
    await plays([{ line: 'ip netns list', stdout: 'a (id: 0)\nb\n' }], async (runner) => {
      assert.deepEqual(await netns.listNamespaces(runner), ['a', 'b']);
    });
  });

  it('lists the processes in a namespace', async () => {
    await plays([{ line: 'ip netns pids a', stdout: '12\n345\n' }], async (runner) => {
      assert.deepEqual(await netns.processesInNamespace(runner, 'a'), [12, 345]);
    });
  });

  it('removes a namespace that is not there without complaint, and reports other failures', async () => {
    const gone = 'Cannot remove namespace file "/run/netns/a": No such file or directory';
    await plays([{ line: 'ip netns delete a', exitCode: 1, stderr: gone }], async (runner) => {
      await netns.removeNamespace(runner, 'a');
    });
    const busy = 'Cannot remove namespace file "/run/netns/a": Device or resource busy';
    await plays([{ line: 'ip netns delete a', exitCode: 1, stderr: busy }], async (runner) => {
      await assert.rejects(netns.removeNamespace(runner, 'a'), /resource busy/);
    });
  });

  it('runs commands inside', async () => {
    await plays([{ line: 'ip netns exec a iptables-restore', input: 'rules' }], async (runner) => {
      await netns.runnerInNamespace(runner, 'a').run('iptables-restore', [], { input: 'rules' });
    });
  });

  it('connects, addresses and routes', async () => {
    const pod = { namespace: 'pod', device: 'eth0' };
    const script = [
      { line: 'ip netns add pod' },
      { line: 'ip -n node link add veth0 type veth peer name eth0 netns pod' },
      { line: 'ip -n node link set veth0 up' },
      { line: 'ip -n pod link set eth0 up' },
      { line: 'ip -n pod address add 10.244.0.2/32 dev eth0' },
      { line: 'ip -n pod address add fd00:10:244::2/128 dev eth0 nodad' },
      { line: 'ip -4 -n pod route add 10.244.0.1 dev eth0' },
      { line: 'ip -4 -n pod route add default via 10.244.0.1' },
      { line: 'ip -6 -n pod route add default via fd00:10:244::1' },
    ];
    await plays(script, async (runner) => {
      await netns.createNamespace(runner, 'pod');
      await netns.addVethPair(runner, { namespace: 'node', device: 'veth0' }, pod);
      await netns.addAddress(runner, pod, '10.244.0.2/32');
      await netns.addAddress(runner, pod, 'fd00:10:244::2/128');
      await netns.addRoute(runner, 'pod', { to: '10.244.0.1', device: 'eth0' });
      await netns.addRoute(runner, 'pod', { to: 'default', via: '10.244.0.1' });
      await netns.addRoute(runner, 'pod', { to: 'default', via: 'fd00:10:244::1' });
    });
  });

  it("sets the namespace's own sysctls, and refuses the machine's", async () => {
    await plays(
      [{ line: 'ip netns exec a tee /proc/sys/net/ipv4/conf/all/route_localnet', input: '1' }],
      async (runner) => {
        await netns.setSysctl(runner, 'a', 'net.ipv4.conf.all.route_localnet', '1');
        await assert.rejects(netns.setSysctl(runner, 'a', 'kernel.panic', '1'), /does not belong/);
        await assert.rejects(netns.setSysctl(runner, 'a', 'net/../kernel/panic', '1'), /does not belong/);
      },
    );
  });
});
