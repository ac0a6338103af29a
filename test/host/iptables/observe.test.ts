import assert from 'node:assert/strict';
import { HostError } from '../../../src/host/host-error.ts';
import { observe } from '../../../src/host/iptables/observe.ts';
import type { Variant } from '../../../src/host/iptables/tools.ts';
import type { SavedRules } from '../../../src/core/ruleset/saved-rules.ts';
import { ScriptedRunner, type ScriptedCommand } from '../../../src/host/scripted-runner.ts';

const EMPTY_NAT = '*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
const NAT = '*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-A - [0:0]\n-A PREROUTING -j KUBE-A\nCOMMIT\n';

async function observed(variant: Variant, script: readonly ScriptedCommand[]): Promise<SavedRules> {
  const runner = new ScriptedRunner(script);
  const saved = await observe(runner, variant, 'ipv4', { timeoutMs: 1000 });
  runner.assertFinished();
  return saved;
}

describe('observe', () => {
  it('reads chains as text', async () => {
    const { tables } = await observed('nft', [{ line: 'iptables-nft-save', stdout: NAT }]);
    assert.equal(tables[0]?.chains.get('PREROUTING')?.rules, '-A PREROUTING -j KUBE-A\n');
  });

  it('believes an empty dump if the kernel agrees', async () => {
    const nft = { line: 'iptables-nft-save' };
    assert.deepEqual(await observed('nft', [nft, { line: 'iptables-nft-save -t nat', stdout: EMPTY_NAT }]), {
      tables: [],
    });
    assert.deepEqual(await observed('nft', [nft, { line: 'iptables-nft-save -t nat' }]), { tables: [] });
    const legacy = { line: 'iptables-legacy-save' };
    const names = 'cat /proc/net/ip_tables_names';
    assert.deepEqual(await observed('legacy', [legacy, { line: names }]), { tables: [] });
    const none = { line: names, exitCode: 1, stderr: 'cat: /proc/net/ip_tables_names: No such file or directory\n' };
    assert.deepEqual(await observed('legacy', [legacy, none]), { tables: [] });
  });

  it('does not believe an empty dump if the kernel has rules', async () => {
    const nft = [{ line: 'iptables-nft-save' }, { line: 'iptables-nft-save -t nat', stdout: NAT }];
    await assert.rejects(observed('nft', nft), /printed nothing, but the table nat is not empty; nothing was changed/);
    const legacy = [
      { line: 'iptables-legacy-save' },
      { line: 'cat /proc/net/ip_tables_names', stdout: 'nat\nfilter\n' },
    ];
    await assert.rejects(observed('legacy', legacy), /printed nothing, but the kernel has the tables nat filter/);
  });

  it('takes a missing cat(1) for no answer at all', async () => {
    const cat = { exitCode: 127, stderr: 'nsenter: failed to execute cat: No such file or directory\n' };
    const script = [{ line: 'iptables-legacy-save' }, { line: 'cat /proc/net/ip_tables_names', ...cat }];
    await assert.rejects(observed('legacy', script), HostError);
  });

  for (const stdout of [
    NAT.slice(0, -8),
    NAT.slice(0, 30),
    'Chain INPUT (policy ACCEPT)\n',
    '-P INPUT ACCEPT\n',
    '\u0000\u0001\n',
  ]) {
    it(`refuses ${JSON.stringify(stdout.slice(0, 30))}`, async () => {
      await assert.rejects(
        observed('nft', [{ line: 'iptables-nft-save', stdout }]),
        (error) => error instanceof HostError && /cannot be its rules/.test(error.message) && error.details.length > 0,
      );
    });
  }

  it('shows the line that cannot be a rule', async () => {
    const broken = NAT.replace('COMMIT', '-A PREROUTING -m comment --comment "one\ntwo" -j ACCEPT\nCOMMIT');
    await assert.rejects(observed('nft', [{ line: 'iptables-nft-save', stdout: broken }]), (error) => {
      assert.ok(error instanceof HostError);
      assert.match(error.details.join(), /^iptables-nft-save:\d+:1: .*: two" -j ACCEPT$/);
      assert.match(error.advice ?? '', /a line break in the comment/);
      return true;
    });
  });

  it('refuses a rule with a line break in it where that is asked for, whatever its further lines say', async () => {
    const broken = '-A PREROUTING -m comment --comment "x\n-A PREROUTING -j KUBE-SERVICES\n-A PREROUTING x" -j ACCEPT';
    const script = [{ line: 'iptables-legacy-save', stdout: NAT.replace('COMMIT', `${broken}\nCOMMIT`) }];
    const options = { timeoutMs: 1000, refusesOpenQuotes: true };
    await assert.rejects(observe(new ScriptedRunner(script), 'legacy', 'ipv4', options), (error) => {
      assert.ok(error instanceof HostError);
      assert.match(error.message, /a rule with a line break in it/);
      assert.deepEqual(error.details, ['nat: -A PREROUTING -m comment --comment "x']);
      assert.match(error.advice ?? '', /iptables-legacy -t nat -L PREROUTING --line-numbers/);
      return true;
    });
    const { tables } = await observed('legacy', script);
    assert.match(tables[0]?.chains.get('PREROUTING')?.rules ?? '', /comment "x\n/);
  });

  it('says what to do about rights', async () => {
    const stderr =
      'iptables-nft-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n';
    await assert.rejects(
      observed('nft', [{ line: 'iptables-nft-save', exitCode: 4, stderr }]),
      (error) => error instanceof HostError && error.advice === 'run chainsmith as root',
    );
  });
});
