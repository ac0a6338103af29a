import assert from 'node:assert/strict';
import { cidr, port, prepare, service } from './objects.ts';

describe('limits of the API server', () => {
  const ports = (...list: ReturnType<typeof port>[]) => service('web', { clusterIP: '10.96.0.9', ports: list });

  it('a Service needs ports unless it is headless or an ExternalName', () => {
    const { problems, snapshot } = prepare([
      service('a', { ports: [] }),
      service('b', { ports: [], clusterIP: 'None' }),
      service('c', { ports: [], type: 'ExternalName' }),
    ]);
    assert.deepEqual(problems, ['no-ports']);
    assert.deepEqual(
      snapshot.services.map((s) => s.metadata.name),
      ['b', 'c'],
    );
  });

  it('several ports need names; of unnamed ones kube-proxy serves the last per protocol', () => {
    const { problems, get } = prepare([
      ports(port(80), port(81), port(53, { protocol: 'UDP' }), port(9, { name: 'x' })),
    ]);
    assert.deepEqual(problems, ['port-name-required']);
    assert.deepEqual(
      get('web').ports.map((p) => p.port),
      [81, 53, 9],
    );
    assert.deepEqual(prepare([ports(port(80))]).problems, []);
  });

  it('drop the second of two ports with one name, or with one number and protocol', () => {
    const names = prepare([ports(port(80, { name: 'a' }), port(81, { name: 'a' }))]);
    assert.deepEqual(names.problems, ['duplicate-port-name']);
    assert.equal(names.get('web').ports.length, 1);
    const numbers = prepare([ports(port(80, { name: 'a' }), port(80, { name: 'b', protocol: 'TCP' }))]);
    assert.deepEqual(numbers.problems, ['duplicate-port']);
    assert.equal(numbers.get('web').ports[0]?.name, 'a');
    const protocols = prepare([ports(port(53, { name: 'a' }), port(53, { name: 'b', protocol: 'UDP' }))]);
    assert.deepEqual(protocols.problems, []);
  });

  it('nodePorts outside the range are reported and kept', () => {
    const nodePort = (n: number, over = {}) =>
      service('web', { type: 'LoadBalancer', ports: [port(80, { nodePort: n })], ...over });
    const low = prepare([nodePort(29_999)]);
    assert.deepEqual(low.problems, ['node-port-out-of-range']);
    assert.equal(low.get('web').ports[0]?.nodePort, 29_999);
    assert.deepEqual(prepare([nodePort(32_767)]).problems, []);
    assert.deepEqual(
      prepare([nodePort(30_000, { healthCheckNodePort: 99, externalTrafficPolicy: 'Local' })]).problems,
      ['node-port-out-of-range'],
    );
    assert.deepEqual(prepare([nodePort(99)], { nodePortRange: { from: 1, to: 99 } }).problems, []);
  });

  it('two ports of one Service share a nodePort only across protocols', () => {
    const { problems, get } = prepare([
      service('web', {
        type: 'NodePort',
        ports: [
          port(80, { name: 'a', nodePort: 30_001 }),
          port(81, { name: 'b', nodePort: 30_001 }),
          port(82, { name: 'c', nodePort: 30_001, protocol: 'UDP' }),
        ],
      }),
    ]);
    assert.deepEqual(problems, ['duplicate-node-port']);
    assert.deepEqual(
      get('web').ports.map((p) => p.nodePort),
      [30_001, undefined, 30_001],
    );
  });

  it('clusterIPs must be usable addresses of the service CIDR, if one was given', () => {
    const at = (ip: string) => service('web', { clusterIP: ip });
    const options = { serviceCidrs: [cidr('10.0.0.0/24'), cidr('fd00::/112')] };
    for (const bad of ['10.0.1.1', '10.0.0.0', '10.0.0.255', 'fd00:1::1', 'fd00::']) {
      const { problems, get } = prepare([at(bad)], options);
      assert.deepEqual(problems, ['cluster-ip-out-of-range'], bad);
      assert.deepEqual(get('web').clusterIPs, [bad]);
    }
    for (const good of ['10.0.0.1', '10.0.0.254', 'fd00::ffff']) {
      assert.deepEqual(prepare([at(good)], options).problems, [], good);
    }
    assert.deepEqual(prepare([at('172.30.0.1')]).problems, []);
    assert.deepEqual(prepare([at('fd00::1')], { serviceCidrs: [cidr('10.0.0.0/24')] }).problems, [
      'cluster-ip-out-of-range',
    ]);
  });

  it('the first Service keeps a clusterIP that two claim', () => {
    const { problems, get, messages } = prepare([
      service('a', { clusterIP: '10.96.0.9' }),
      service('b', { clusterIPs: ['10.96.0.09', 'fd00:10:96::1'], ipFamilyPolicy: 'RequireDualStack' }),
      service('c', { clusterIP: '10.96.0.9' }),
      service('d', { clusterIP: '10.96.0.9', type: 'ExternalName' }),
    ]);
    assert.deepEqual(problems, ['cluster-ip-conflict', 'cluster-ip-conflict']);
    assert.equal(messages('cluster-ip-conflict')[0], 'clusterIP 10.96.0.9 belongs to Service default/a');
    assert.equal(get('a').clusterIP, '10.96.0.9');
    assert.deepEqual(get('b').clusterIPs, ['fd00:10:96::1']);
    assert.deepEqual(get('b').ipFamilies, ['IPv6']);
    assert.equal(get('c').clusterIP, undefined);
    assert.deepEqual(get('c').ipFamilies, []);
  });
});
