import assert from 'node:assert/strict';
import type { Service } from '../../../../src/core/model/kubernetes.ts';
import { prepare, port, service, cidr } from './objects.ts';

describe('defaults of the API server', () => {
  it('fill in what a bare Service leaves out', () => {
    const { get, messages } = prepare([service('web')]);
    const web = get('web');
    assert.equal(web.type, 'ClusterIP');
    assert.deepEqual(web.ports, [port(80, { protocol: 'TCP', targetPort: 80 })]);
    assert.equal(web.sessionAffinity, 'None');
    assert.equal(web.sessionAffinityTimeoutSeconds, undefined);
    assert.equal(web.internalTrafficPolicy, 'Cluster');
    assert.equal(web.externalTrafficPolicy, undefined);
    assert.equal(web.allocateLoadBalancerNodePorts, undefined);
    assert.equal(web.ipFamilyPolicy, 'SingleStack');
    assert.deepEqual(web.ipFamilies, ['IPv4']);
    assert.deepEqual(messages('defaults-applied'), [
      'filled in type: ClusterIP, protocol: TCP, targetPort: port, sessionAffinity: None, internalTrafficPolicy: Cluster, ' +
        'ipFamilyPolicy: SingleStack, ipFamilies: [IPv4]',
    ]);
  });

  it('report nothing on a Service that has everything', () => {
    const full = service('web', {
      type: 'NodePort',
      clusterIP: '10.96.0.9',
      clusterIPs: ['10.96.0.9'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [port(80, { protocol: 'UDP', targetPort: 'x', nodePort: 30_001 })],
      sessionAffinity: 'ClientIP',
      sessionAffinityTimeoutSeconds: 5,
      internalTrafficPolicy: 'Local',
      externalTrafficPolicy: 'Local',
    });
    const { get, diagnostics } = prepare([full]);
    assert.deepEqual(get('web'), full);
    assert.deepEqual(diagnostics, []);
  });

  it('depend on the type', () => {
    const { get } = prepare([
      service('a', { type: 'LoadBalancer' }),
      service('b', { externalIPs: ['192.0.2.1'] }),
      service('c', { sessionAffinity: 'ClientIP' }),
      service('d', { type: 'ExternalName', ports: [] }),
    ]);
    assert.equal(get('a').allocateLoadBalancerNodePorts, true);
    assert.equal(get('a').externalTrafficPolicy, 'Cluster');
    assert.equal(get('b').externalTrafficPolicy, 'Cluster');
    assert.equal(get('c').sessionAffinityTimeoutSeconds, 10_800);
    assert.equal(get('d').internalTrafficPolicy, undefined);
    assert.deepEqual(get('d').ipFamilies, []);
    assert.equal(get('d').clusterIP, undefined);
  });

  it('take 0 and "" for a targetPort that is not set', () => {
    const { get } = prepare([
      service('web', { ports: [port(80, { name: 'a', targetPort: 0 }), port(81, { name: 'b', targetPort: '' })] }),
    ]);
    assert.deepEqual(
      get('web').ports.map((p) => p.targetPort),
      [80, 81],
    );
  });
});

describe('families', () => {
  it('follow the addresses given', () => {
    const { get, problems } = prepare([
      service('a', { clusterIP: 'fd00::1' }),
      service('b', { clusterIPs: ['fd00::2', '10.0.0.1'], ipFamilyPolicy: 'PreferDualStack' }),
    ]);
    assert.deepEqual(get('a').ipFamilies, ['IPv6']);
    assert.deepEqual(get('a').clusterIPs, ['fd00::1']);
    assert.deepEqual(get('b').ipFamilies, ['IPv6', 'IPv4']);
    assert.equal(get('b').clusterIP, 'fd00::2');
    assert.deepEqual(problems, []);
  });

  it('follow the policy, the primary family first', () => {
    const dual = service('web', { ipFamilyPolicy: 'PreferDualStack' });
    assert.deepEqual(prepare([dual]).get('web').ipFamilies, ['IPv4', 'IPv6']);
    const v6First = { serviceCidrs: [cidr('fd00:1::/112'), cidr('10.0.0.0/16')] };
    assert.deepEqual(prepare([dual], v6First).get('web').ipFamilies, ['IPv6', 'IPv4']);
    assert.deepEqual(prepare([dual], v6First).get('web').clusterIPs.length, 2);
    const single = prepare([dual], { serviceCidrs: [cidr('fd00:1::/112')] });
    assert.deepEqual(single.get('web').ipFamilies, ['IPv6']);
    assert.deepEqual(single.problems, []);
  });

  it('complete a dual-stack Service that has one address', () => {
    const { get } = prepare([service('web', { clusterIP: '10.96.0.9', ipFamilyPolicy: 'RequireDualStack' })]);
    const { clusterIPs, ipFamilies } = get('web');
    assert.deepEqual(ipFamilies, ['IPv4', 'IPv6']);
    assert.equal(clusterIPs[0], '10.96.0.9');
    assert.match(clusterIPs[1] ?? '', /^fd00:10:96::/);
  });

  it('of a headless Service: both, if it has no selector', () => {
    const { get, codes } = prepare([
      service('a', { clusterIP: 'None' }),
      service('b', { clusterIP: 'None', selector: new Map([['app', 'x']]), ports: [] }),
    ]);
    assert.equal(get('a').ipFamilyPolicy, 'RequireDualStack');
    assert.deepEqual(get('a').ipFamilies, ['IPv4', 'IPv6']);
    assert.deepEqual(get('b').ipFamilies, ['IPv4']);
    assert.deepEqual(get('b').clusterIPs, ['None']);
    assert.ok(!codes.includes('cluster-ip-allocated'));
  });

  it('that disagree with the addresses are an error; what matches is kept and nothing is made up', () => {
    const { get, codes } = prepare([
      service('a', { clusterIPs: ['fd00::1', '10.0.0.1'], ipFamilies: ['IPv4', 'IPv6'] }),
      service('b', { clusterIP: '10.0.0.2', ipFamilies: ['IPv6'] }),
      service('c', { clusterIPs: ['10.0.0.3', '10.0.0.4'], ipFamilyPolicy: 'PreferDualStack' }),
      service('d', { clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.6'] }),
      service('e', { ipFamilies: ['IPv4', 'IPv4'] }),
    ]);
    assert.deepEqual(get('a').ipFamilies, ['IPv6', 'IPv4']);
    assert.deepEqual(get('b').clusterIPs, []);
    assert.deepEqual(get('b').ipFamilies, []);
    assert.deepEqual(get('c').clusterIPs, ['10.0.0.3']);
    assert.deepEqual(get('d').clusterIPs, ['10.0.0.6']);
    assert.deepEqual(get('e').clusterIPs, []);
    assert.equal(codes.filter((c) => c === 'family-mismatch').length, 5);
    assert.ok(!codes.includes('cluster-ip-allocated'));
  });

  it('are looked at closely also where only one is given', () => {
    const given: Partial<Service> = {
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    };
    const faults = (other: Partial<Service>): readonly string[] =>
      prepare([service('a', { ...given, ...other })]).problems;
    assert.deepEqual(faults({}), []);
    assert.deepEqual(faults({ ipFamilies: ['IPv6'] }), ['family-mismatch']);
    assert.deepEqual(faults({ clusterIP: '10.0.0.2' }), ['family-mismatch']);
    assert.deepEqual(faults({ clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }), ['family-mismatch']);
    assert.deepEqual(faults({ clusterIP: '10.0', clusterIPs: ['10.0'] }), ['invalid-field']);
    assert.deepEqual(faults({ ipFamilies: ['IPv4', 'IPv6'] }), ['family-mismatch']);
  });

  it('must be allowed by the policy and the cluster', () => {
    const two = service('a', { clusterIPs: ['10.0.0.1', 'fd00::1'] });
    const dual = prepare([two]);
    assert.deepEqual(dual.problems, ['family-mismatch']);
    assert.deepEqual(dual.get('a').clusterIPs, ['10.0.0.1', 'fd00::1']);
    const v4 = { serviceCidrs: [cidr('10.0.0.0/16')] };
    const required = prepare([service('a', { ipFamilyPolicy: 'RequireDualStack' })], v4);
    assert.deepEqual(required.problems, ['family-mismatch']);
    assert.equal(required.get('a').clusterIPs.length, 1);
    const other = prepare([service('a', { ipFamilies: ['IPv6'] })], v4);
    assert.deepEqual(other.problems, ['family-mismatch']);
    assert.deepEqual(other.get('a').ipFamilies, []);
  });

  it('cannot be told of an address that is none; the Service is left out', () => {
    const { problems, snapshot } = prepare([service('a', { clusterIP: '10.0.0' })]);
    assert.deepEqual(problems, ['invalid-field']);
    assert.deepEqual(snapshot.services, []);
  });
});
