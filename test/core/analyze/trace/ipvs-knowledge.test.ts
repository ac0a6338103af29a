import assert from 'node:assert/strict';
import { isBound, isInKubeSet } from '../../../../src/core/analyze/trace/ipvs-knowledge.ts';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { addressIn } from '../../../support/trace-packets.ts';

const { sets } = parseIpsetSave(
  [
    'create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536',
    'add KUBE-CLUSTER-IP 10.96.0.1,tcp:443',
    'create KUBE-NODE-PORT-TCP bitmap:port range 0-65535',
    'add KUBE-NODE-PORT-TCP 30080',
    'create KUBE-6-LOAD-BALANCER hash:ip,port family inet6 hashsize 1024 maxelem 65536',
    'add KUBE-6-LOAD-BALANCER fd00::a,udp:53',
    'create KUBE-IPVS-IPS hash:ip family inet hashsize 1024 maxelem 65536',
    'add KUBE-IPVS-IPS 10.96.0.1',
  ].join('\n'),
);

function isIn(to: string, destinationPort: number | undefined, protocol = 6): boolean {
  const destination = addressIn(to);
  return isInKubeSet({ destination, destinationPort, protocol, family: destination.family }, sets);
}

describe('what sets of kube-proxy tell', () => {
  it('which addresses and ports are of Services', () => {
    assert.ok(isIn('10.96.0.1', 443));
    assert.ok(!isIn('10.96.0.1', 444));
    assert.ok(!isIn('10.96.0.1', 443, 17));
    assert.ok(!isIn('10.96.0.2', 443));
    assert.ok(isIn('fd00::a', 53, 17));
  });

  it('that nodePorts are at any address, of their protocol and family', () => {
    assert.ok(isIn('192.0.2.1', 30_080));
    assert.ok(!isIn('192.0.2.1', 30_080, 17));
    assert.ok(!isIn('192.0.2.1', undefined));
    assert.ok(!isIn('2001:db8::1', 30_080));
    const own = { destination: 'own', destinationPort: 30_080, protocol: 6, family: 'ipv4' } as const;
    assert.ok(!isInKubeSet(own, sets));
  });

  it('which addresses kube-ipvs0 has', () => {
    assert.deepEqual(
      ['10.96.0.1', '10.96.0.2', 'fd00::a'].map((text) => isBound(addressIn(text), sets)),
      [true, false, false],
    );
  });
});
