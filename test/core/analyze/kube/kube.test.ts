import assert from 'node:assert/strict';
import { ipvsSetMeaning } from '../../../../src/core/analyze/kube/ipvs-sets.ts';
import { programOf } from '../../../../src/core/analyze/kube/programs.ts';
import { serviceChainOf } from '../../../../src/core/analyze/kube/service-chain.ts';
import { parseServiceComment } from '../../../../src/core/analyze/kube/service-comment.ts';

describe('names of kube-proxy', () => {
  it('of chains', () => {
    assert.deepEqual(serviceChainOf('KUBE-SVC-NPX46M4PTMTKRN6Y'), { role: 'cluster', suffix: 'NPX46M4PTMTKRN6Y' });
    assert.deepEqual(
      ['SVL', 'EXT', 'XLB', 'FW', 'SEP'].map((prefix) => serviceChainOf(`KUBE-${prefix}-A`)?.role),
      ['local', 'external', 'old-external', 'firewall', 'endpoint'],
    );
    for (const name of ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-MARK-MASQ', 'KUBE-POD-FW-A', 'SVC-A', '']) {
      assert.equal(serviceChainOf(name), undefined, name);
    }
  });

  it('of comments', () => {
    const told = (text: string): unknown => {
      const comment = parseServiceComment(text);
      return comment === undefined ? undefined : [comment.topic, comment.written, comment.portName, comment.endpoint];
    };
    assert.deepEqual(told('a/b:c cluster IP'), ['cluster-ip', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('a/b: external IP'), ['external-ip', 'a/b:', '', undefined]);
    assert.deepEqual(told('a/b loadbalancer IP'), ['load-balancer-ip', 'a/b', '', undefined]);
    assert.deepEqual(told('a/b:c has no endpoints'), ['no-endpoints', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('a/b:c has no local endpoints'), ['no-local-endpoints', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('a/b:c -> [fd00::1]:80'), ['endpoint', 'a/b:c', 'c', '[fd00::1]:80']);
    assert.deepEqual(told('a/b:c health check node port'), ['health-check', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('a/b:c traffic not accepted by KUBE-FW-X'), ['firewall', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('Balancing rule 3 for a/b:c'), ['name', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('masquerade LOCAL traffic for a/b:c LB IP'), ['external', 'a/b:c', 'c', undefined]);
    assert.deepEqual(told('pod traffic for a/b external destinations'), ['external', 'a/b', '', undefined]);
    for (const text of [
      'kubernetes service portals',
      'cali:6gwbT8clXdHdC1b1',
      'a/b/c',
      'a/b:c:d',
      'x a/b cluster IP',
      '',
    ]) {
      assert.equal(told(text), undefined, text);
    }
  });

  it('of sets, also where the kernel cuts them', () => {
    assert.equal(ipvsSetMeaning('KUBE-CLUSTER-IP'), ipvsSetMeaning('KUBE-6-CLUSTER-IP'));
    assert.equal(ipvsSetMeaning('KUBE-LOAD-BALANCER-SOURCE-CIDR'), ipvsSetMeaning('KUBE-6-LOAD-BALANCER-SOURCE-CID'));
    assert.equal(ipvsSetMeaning('KUBE-NODE-PORT-LOCAL-SCTP-HASH'), ipvsSetMeaning('KUBE-6-NODE-PORT-LOCAL-SCTP-HAS'));
    assert.equal(ipvsSetMeaning('cali40all-ipam-pools'), undefined);
  });

  it('are told from those of others', () => {
    const names = { docker: 'DOCKER-USER', calico: 'cali-INPUT', cilium: 'CILIUM_POST_nat', flannel: 'FLANNEL-FWD' };
    for (const [program, chain] of Object.entries(names)) assert.equal(programOf(chain), program);
    assert.equal(programOf('KUBE-POD-FW-ABC'), 'kube-router');
    assert.equal(programOf('FORWARD_IN_ZONES'), 'firewalld');
    for (const chain of [
      'KUBE-SERVICES',
      'KUBE-SVC-A',
      'PREROUTING',
      'POSTROUTING',
      'INPUT',
      'KUBE-FIREWALL',
      'mine',
    ]) {
      assert.equal(programOf(chain), undefined, chain);
    }
  });
});
