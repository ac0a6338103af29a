import { strict as assert } from 'node:assert';
import {
  endpointChainName,
  serviceChainNames,
  servicePortSuffix,
} from '../../../src/core/ruleset/service-chain-names.ts';
import { servicePort } from '../../support/builders.ts';

describe('chain names', () => {
  const named = (namespace: string, serviceName: string, portName: string) =>
    servicePort({ namespace, serviceName, portName });

  /** From kube-proxy's own tests, and from dumps of clusters. */
  const known = {
    XPGD46QRK7WJZT7O: named('ns1', 'svc1', 'p80'),
    GNZBNJ2PO5MGZ6GT: named('ns2', 'svc2', 'p80'),
    X27LE4BHSL4DOUIK: named('ns3', 'svc3', 'p80'),
    '4SW47YFZTEDKD3PK': named('ns4', 'svc4', 'p80'),
    NUKIZ6OKUXPJNT4C: named('ns5', 'svc5', 'p80'),
    L3XUAAOCNRDC32SE: named('namingthings', 'simpleservice', ''),
  };
  for (const [suffix, port] of Object.entries(known)) {
    it(`${port.name} is ${suffix}`, () => assert.equal(servicePortSuffix(port), suffix));
  }

  it('have one suffix for all chains of a service port', () => {
    assert.deepEqual(serviceChainNames(known.XPGD46QRK7WJZT7O), {
      cluster: 'KUBE-SVC-XPGD46QRK7WJZT7O',
      local: 'KUBE-SVL-XPGD46QRK7WJZT7O',
      external: 'KUBE-EXT-XPGD46QRK7WJZT7O',
      firewall: 'KUBE-FW-XPGD46QRK7WJZT7O',
    });
  });

  it('of endpoints are known too', () => {
    assert.equal(endpointChainName(known.XPGD46QRK7WJZT7O, '10.180.0.1:80'), 'KUBE-SEP-SXIVWICOYRO3J4NJ');
  });

  it('depend on the protocol, the port name and the endpoint', () => {
    const port = known.XPGD46QRK7WJZT7O;
    const suffixes = [
      port,
      { ...port, protocol: 'UDP' as const },
      named('ns1', 'svc1', 'p81'),
      named('ns1', 'svc1', ''),
    ];
    assert.equal(new Set(suffixes.map(servicePortSuffix)).size, 4);
    const endpoints = ['10.0.0.1:80', '10.0.0.1:81', '[fd00::1]:80'].map((e) => endpointChainName(port, e));
    assert.equal(new Set(endpoints).size, 3);
  });

  it('fit into the 28 characters of iptables', () => {
    const port = named('n'.repeat(63), 's'.repeat(63), 'p'.repeat(63));
    const names = [...Object.values(serviceChainNames(port)), endpointChainName(port, '[fd00::1]:65535')];
    assert.deepEqual(
      names.filter((name) => !/^[A-Z-]{8,9}[A-Z2-7]{16}$/u.test(name)),
      [],
    );
  });
});
