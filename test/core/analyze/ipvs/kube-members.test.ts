import assert from 'node:assert/strict';
import { KubeMembers } from '../../../../src/core/analyze/ipvs/kube-members.ts';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';

const SAVED = [
  'create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536',
  'add KUBE-CLUSTER-IP 10.96.0.1,tcp:443',
  'add KUBE-CLUSTER-IP 10.96.0.10,udp:53',
  'add KUBE-CLUSTER-IP 10.96.0.11,icmp:8/0',
  'create KUBE-6-CLUSTER-IP hash:ip,port family inet6 hashsize 1024 maxelem 65536',
  'add KUBE-6-CLUSTER-IP fd00::a,sctp:9',
  'create KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net family inet hashsize 1024 maxelem 65536',
  'add KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.1,tcp:80,198.51.100.0/24',
  'create KUBE-NODE-PORT-TCP bitmap:port range 0-65535',
  'add KUBE-NODE-PORT-TCP 30081',
  'add KUBE-NODE-PORT-TCP 30080-30082',
  'create KUBE-IPVS-IPS hash:ip family inet hashsize 1024 maxelem 65536',
  'add KUBE-IPVS-IPS 10.96.0.1',
].join('\n');
const parsed = parseIpsetSave(SAVED);
const [ipv4, ipv6] = [new KubeMembers(parsed.sets, 'ipv4'), new KubeMembers(parsed.sets, 'ipv6')];

describe('KubeMembers', () => {
  it('names frontends as virtual servers do, each family its own', () => {
    assert.deepEqual(
      ipv4.frontends('CLUSTER-IP').map(({ key }) => key),
      ['tcp 10.96.0.1:443', 'udp 10.96.0.10:53'],
    );
    assert.deepEqual(
      ipv6.frontends('CLUSTER-IP').map(({ key }) => key),
      ['sctp [fd00::a]:9'],
    );
    assert.ok(ipv4.hasFrontend('CLUSTER-IP', 'tcp 10.96.0.1:443'));
    assert.ok(!ipv4.hasFrontend('CLUSTER-IP', 'udp 10.96.0.1:443'));
    assert.ok(!ipv6.hasFrontend('CLUSTER-IP', 'tcp 10.96.0.1:443'));
  });

  it('keeps who a member is about', () => {
    const [member] = ipv4.frontends('LOAD-BALANCER-SOURCE-CIDR');
    assert.equal(member?.source?.kind, 'network');
    assert.equal(member?.source?.kind === 'network' ? member.source.network.prefix : 0, 24);
    assert.equal(ipv4.frontends('CLUSTER-IP')[0]?.source, undefined);
  });

  it('lists ports once, ascending, and addresses', () => {
    assert.deepEqual(ipv4.ports('NODE-PORT-TCP'), [30080, 30081, 30082]);
    assert.deepEqual(
      ipv4.addresses('IPVS-IPS').map(({ text }) => text),
      ['10.96.0.1'],
    );
  });

  it('tells a set without members from one that is not there', () => {
    assert.deepEqual([ipv4.isThere('NODE-PORT-TCP'), ipv4.isThere('NODE-PORT-UDP')], [true, false]);
    assert.deepEqual([ipv4.ports('NODE-PORT-UDP'), ipv6.addresses('IPVS-IPS')], [[], []]);
    assert.deepEqual([ipv6.isThere('IPVS-IPS'), ipv6.frontends('EXTERNAL-IP')], [false, []]);
  });
});
