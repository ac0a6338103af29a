import assert from 'node:assert/strict';
import { addressNumber } from '../../../../../src/core/analyze/verify/address-number.ts';
import {
  boundAddresses,
  ipvsSpecificationCuts,
  type IpvsMeaning,
} from '../../../../../src/core/analyze/verify/ipvs/ipvs-specification.ts';
import { ip, serviceDocument, sliceDocument } from '../../../../support/builders.ts';
import { CLUSTER_CIDR } from '../../../../support/compiled.ts';
import { meantIpvs } from '../../../../support/ipvs-verify.ts';
import { nodeObject } from '../../../../support/objects.ts';

function meaningOf(
  spec: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>> = {},
  localIps: readonly string[] = [],
): IpvsMeaning {
  const documents = [nodeObject('node-a', 0, undefined), serviceDocument(spec), sliceDocument()];
  const [meant] = meantIpvs(documents, { config: { ...CLUSTER_CIDR, ...config }, localIps });
  assert.ok(meant !== undefined);
  return { ...meant.meaning, config: meant.config };
}

const PORTS = [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080 }];
const OUTSIDE = { type: 'NodePort', ports: PORTS, externalIPs: ['198.51.100.9', '192.168.0.77'] };

describe('what the ipvs mode must have', () => {
  it('are addresses of Services on kube-ipvs0, but for those that another interface has', () => {
    const texts = boundAddresses(meaningOf(OUTSIDE, {}, ['192.168.0.77'])).map(({ text }) => text);
    assert.deepEqual(texts, ['10.96.0.10', '198.51.100.9']);
    assert.equal(boundAddresses(meaningOf(OUTSIDE)).length, 3);
  });

  it('are cuts at each address and port of a Service, at nodePorts of each address of the node, and at endpoints here', () => {
    const { points, ports } = ipvsSpecificationCuts(meaningOf(OUTSIDE, {}, ['192.168.0.77']));
    const texts = ['10.96.0.10', '198.51.100.9', '192.168.0.77', '192.168.0.10', '10.244.0.5'];
    const names = new Map(texts.map((text) => [addressNumber(ip(text)), text]));
    assert.deepEqual(points.map(({ address, port }) => `${names.get(address) ?? address}:${port}`).toSorted(), [
      '10.244.0.5:8080',
      '10.96.0.10:80',
      '192.168.0.10:30080',
      '192.168.0.77:30080',
      '192.168.0.77:80',
      '198.51.100.9:80',
    ]);
    assert.deepEqual(ports, [{ protocol: 6, port: 30_080 }]);
  });

  it('are nodePorts at the addresses that are configured, and never at loopback', () => {
    const at = (nodePortAddresses: readonly string[]): readonly string[] =>
      ipvsSpecificationCuts(
        meaningOf({ type: 'NodePort', ports: PORTS }, { nodePortAddresses }, ['127.0.0.1', '10.1.2.3']),
      )
        .points.filter(({ port }) => port === 30_080)
        .map(({ address }) => String(address))
        .toSorted();
    const number = (text: string): string => String(addressNumber(ip(text)));
    assert.deepEqual(at([]), [number('10.1.2.3'), number('192.168.0.10')].toSorted());
    assert.deepEqual(at(['192.168.0.0/16']), [number('192.168.0.10')]);
    assert.deepEqual(at(['127.0.0.0/8']), []);
  });
});
