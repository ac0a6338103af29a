import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, SERVICE, withFolder } from './run-cli.ts';

const IPVS = ['compile', '-f', '-', '--node', 'node-a', '--node-ip', '192.168.0.10', '--mode', 'ipvs'];

describe('chainsmith compile --mode ipvs', () => {
  it('prints all parts of a family under headings, in the order in which a node needs them', () => {
    const { status, out } = runCli([...IPVS, '-q'], { input: SERVICE });
    assert.equal(status, 0);
    const headings = out.split('\n').filter((line) => /^# .*\(/.test(line));
    assert.deepEqual(
      headings.map((line) => line.replace(/ \(.*/, '')),
      ['# kernel settings', '# sets', '# addresses of kube-ipvs0', '# virtual servers', '# rules'],
    );
    assert.match(out, /^net\.ipv4\.vs\.conntrack = 1$/m);
    assert.match(out, /^create KUBE-CLUSTER-IP hash:ip,port family inet /m);
    assert.match(out, /^-A -t \S+:80 -s rr$/m);
    assert.match(out, /^-A KUBE-IPVS-FILTER /m);
  });

  it('is what --proxy-mode and the configuration mean', () =>
    withFolder((folder) => {
      writeFileSync(join(folder, 'config.yaml'), 'mode: ipvs\n');
      const { out } = runCli(IPVS, { input: SERVICE });
      const given = IPVS.slice(0, -2);
      assert.equal(runCli([...given, '--proxy-mode', 'ipvs'], { input: SERVICE }).out, out);
      assert.equal(runCli([...given, '--config', join(folder, 'config.yaml')], { input: SERVICE }).out, out);
      const against = runCli([...IPVS, '--proxy-mode', 'iptables'], { input: SERVICE });
      assert.equal(against.status, 1);
      assert.match(against.err, /--mode ipvs and --proxy-mode iptables contradict each other/);
    }));

  it('writes files that the tools read: no comment is in the one of ipvsadm', () =>
    withFolder((folder) => {
      const { status, err } = runCli([...IPVS, '--explain', '--out', folder], { input: SERVICE });
      assert.equal(status, 0);
      assert.match(err, /^wrote iptables\.rules, ip6tables\.rules, ipset\.rules, ipvs\.rules and addresses\.txt to /);
      assert.match(err, /^note: the node needs these kernel settings too: net\.ipv4\.vs\.conntrack=1/m);
      assert.deepEqual(readdirSync(folder).toSorted(), [
        'addresses.txt',
        'ip6tables.rules',
        'ipset.rules',
        'iptables.rules',
        'ipvs.rules',
      ]);
      const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
      assert.match(text('ipset.rules'), /^# KUBE-CLUSTER-IP: /m);
      assert.match(text('ipset.rules'), /^create KUBE-6-LOAD-BALANCER-SOURCE-CID /m);
      assert.match(text('ipvs.rules'), /^-A -t /);
      assert.doesNotMatch(text('ipvs.rules'), /#/);
      assert.match(text('addresses.txt'), /^\d+\.\d+\.\d+\.\d+\/32\n$/);
    }));

  it('prints data', () => {
    const { out } = runCli([...IPVS, '-o', 'json'], { input: SERVICE });
    const data: unknown = JSON.parse(out);
    assert.ok(typeof data === 'object' && data !== null && 'ipvs' in data);
    assert.deepEqual(Object.keys(data), ['family', 'tables', 'ipvs', 'diagnostics']);
    const { ipvs } = data;
    assert.ok(typeof ipvs === 'object' && ipvs !== null);
    assert.deepEqual(Object.keys(ipvs), ['virtualServers', 'sets', 'addresses', 'timeouts', 'excludeCIDRs', 'sysctls']);
  });

  it('names a flag whose value is wrong', () => {
    const { status, err } = runCli([...IPVS, '--ipvs-tcp-timeout', '-1s'], { input: SERVICE });
    assert.equal(status, 1);
    assert.match(err, /--ipvs-tcp-timeout/);
  });
});
