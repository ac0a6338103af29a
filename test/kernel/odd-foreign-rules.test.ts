// Rules of others that are hard to read, or in the way: commands say which, or leave them alone, and never take them for what they are not.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostRunner } from '../../src/host/exec.ts';
import { runCli } from '../cli/run-cli.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { useNamespace } from './support/use-namespace.ts';

const INPUT = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.80, ports: [{name: http, port: 80}]}
`;

for (const variant of VARIANTS) {
  describe(`a node with odd rules of others, iptables-${variant}`, function () {
    this.timeout(60_000);
    const { folder, netns } = useNamespace(`chainsmith-odd-${variant}`);
    const file = join(folder, 'input.yaml');
    const state = ['--state-dir', join(folder, 'state')];
    const input = ['-f', file, '--node', 'a', '--cluster-cidr', '10.244.0.0/16', '--variant', variant, '-q'];

    before(() => {
      writeFileSync(file, INPUT);
    });

    afterEach(() => {
      assert.equal(runCli(['cleanup', '--yes', '--netns', netns]).status, 0);
    });

    const iptables = async (...args: readonly string[]): Promise<string> =>
      (await hostRunner.run('ip', ['netns', 'exec', netns, `iptables-${variant}`, ...args])).stdout;
    const apply = () => runCli(['apply', ...input, '--netns', netns, ...state]);
    const undo = () => runCli(['undo', '--yes', '-q', '--netns', netns, ...state]);

    it('is not taken for one with jumps that stand behind a line break in a comment', async () => {
      assert.equal(apply().status, 0);
      await iptables('-D', 'INPUT', '-j', 'KUBE-FIREWALL');
      const comment = ['-m', 'comment', '--comment', 'x\n-A INPUT -j KUBE-FIREWALL\n-A INPUT x', '-j', 'ACCEPT'];
      await iptables('-A', 'INPUT', ...comment);
      for (const run of [runCli(['plan', ...input, '--netns', netns]), apply()]) {
        assert.equal(run.status, 1, run.out);
        assert.match(run.err, /printed a rule with a line break in it/);
        assert.ok(run.err.includes('\n  filter: -A INPUT -m comment --comment "x\n'), run.err);
      }
      await iptables('-D', 'INPUT', ...comment);
      assert.match(apply().out, /the jump to KUBE-FIREWALL is missing/);
    });

    it('is undone beside a carriage return', async () => {
      const rule = ['INPUT', '-m', 'comment', '--comment', 'a\rb', '-j', 'ACCEPT'];
      await iptables('-A', ...rule);
      assert.equal(apply().status, 0);
      const back = undo();
      assert.equal(back.status, 0, back.err);
      assert.equal(await iptables('-S', 'INPUT'), '-P INPUT ACCEPT\n-A INPUT -m comment --comment "a\rb" -j ACCEPT\n');
      await iptables('-D', ...rule);
    });

    it('is not undone where a rule of others jumps to what would have to go, and that is named', async () => {
      assert.equal(apply().status, 0);
      const rule = ['OUTPUT', '-d', '203.0.113.7/32', '-j', 'KUBE-MARK-MASQ'];
      await iptables('-t', 'nat', '-A', ...rule);
      const refused = undo();
      assert.equal(refused.status, 1);
      assert.match(
        refused.err,
        /^error: rules of others jump to chains that the last apply made; nothing was changed$/m,
      );
      const named = `  ipv4 nat KUBE-MARK-MASQ would have to go: -A ${rule.join(' ')}\n`;
      assert.ok(refused.err.includes(named), refused.err);
      await iptables('-t', 'nat', '-D', ...rule);
      assert.equal(undo().status, 0);
    });
  });
}
