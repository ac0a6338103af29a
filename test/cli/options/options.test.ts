import assert from 'node:assert/strict';
import { Command } from 'commander';
import { patchConfig } from '../../../src/cli/options/patch-config.ts';
import { attributeOf, proxyFlags, proxyOption } from '../../../src/cli/options/proxy-flags.ts';

/** The configuration that a command line with these flags gives. */
function configOf(args: readonly string[], config?: unknown): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const flag of proxyFlags) command.addOption(proxyOption(flag));
  command.parse(args, { from: 'user' });
  return patchConfig(config, command.opts());
}

const head = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' };

describe("kube-proxy's flags", () => {
  it('are stored where they are looked for', () => {
    for (const flag of proxyFlags) assert.equal(proxyOption(flag).attributeName(), attributeOf(flag));
  });

  it('leave the configuration alone if none is given', () => {
    assert.equal(configOf([]), undefined);
    assert.equal(configOf([], 5), 5);
  });

  it('make a configuration of their own', () => {
    assert.deepEqual(configOf(['--cluster-cidr', '10.0.0.0/8', '--masquerade-all', '--nodeport-addresses=a, b,c']), {
      ...head,
      clusterCIDR: '10.0.0.0/8',
      iptables: { masqueradeAll: true },
      nodePortAddresses: ['a', 'b', 'c'],
    });
  });

  it('win over the file, whose data stays as it was', () => {
    const file = { ...head, mode: 'ipvs', iptables: { masqueradeAll: true, masqueradeBit: 14 }, conntrack: null };
    const before = structuredClone(file);
    const args = ['--masquerade-all=false', '--proxy-mode', 'iptables', '--conntrack-tcp-be-liberal', 'true'];
    assert.deepEqual(configOf(args, file), {
      ...head,
      mode: 'iptables',
      iptables: { masqueradeAll: false, masqueradeBit: 14 },
      conntrack: { tcpBeLiberal: true },
    });
    assert.deepEqual(file, before);
  });

  it('do not hide what is wrong with the file', () => {
    assert.deepEqual(configOf(['--masquerade-all'], [1]), [1]);
    assert.deepEqual(configOf(['--masquerade-all'], { iptables: 'x' }), { iptables: 'x' });
  });

  it('read booleans and numbers as Go does', () => {
    for (const text of ['true', '1', 'T']) {
      assert.deepEqual(configOf([`--masquerade-all=${text}`]), { ...head, iptables: { masqueradeAll: true } });
    }
    assert.deepEqual(configOf(['--iptables-masquerade-bit=0']), { ...head, iptables: { masqueradeBit: 0 } });
    assert.throws(() => configOf(['--masquerade-all=yes']), /true or false/);
    assert.throws(() => configOf(['--iptables-masquerade-bit=1.5']), /whole number/);
  });
});
