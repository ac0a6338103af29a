import assert from 'node:assert/strict';
import { decode } from '../../../../../src/core/analyze/decode/decode.ts';
import type { DecodedServicePort } from '../../../../../src/core/analyze/decode/decoded-rules.ts';
import { parseIpsetSave } from '../../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { serviceDocument, sliceDocument } from '../../../../support/builders.ts';
import { CLUSTER_CIDR } from '../../../../support/compiled.ts';
import { meantIpvs, type IpvsNode } from '../../../../support/ipvs-verify.ts';
import { nodeObject } from '../../../../support/objects.ts';

const ENDPOINTS = { endpoints: [{ addresses: ['10.244.0.5'], nodeName: 'node-a' }, { addresses: ['10.244.1.5'] }] };
const PORTS = [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080 }];

/** What is read from what is compiled for one Service, changed. */
function only(
  spec: Readonly<Record<string, unknown>>,
  change: (node: IpvsNode) => IpvsNode = (node) => node,
): DecodedServicePort {
  const ingress = spec['type'] === 'LoadBalancer' ? [{ ip: '198.51.100.7' }] : [];
  const service = { ...serviceDocument(spec), status: { loadBalancer: { ingress } } };
  const documents = [nodeObject('node-a', 0, undefined), service, sliceDocument(ENDPOINTS)];
  const [meant] = meantIpvs(documents, { config: CLUSTER_CIDR });
  assert.ok(meant !== undefined);
  const { rules, servers, sets } = change(meant.node);
  const { servicePorts } = decode(parseIptablesSave(rules, { family: 'ipv4' }).ruleset, {
    ipvs: parseIpvsadm(servers).table,
    sets: parseIpsetSave(sets).sets,
  });
  assert.equal(servicePorts.length, 1);
  return servicePorts[0] ?? assert.fail();
}

describe('service ports of the ipvs mode', () => {
  it('have their addresses, endpoints and shares', () => {
    const port = only({ type: 'LoadBalancer', ports: PORTS });
    assert.deepEqual(
      port.frontends.map(({ kind, address, port: number }) => `${kind} ${address ?? ''} ${number ?? ''}`),
      ['cluster-ip 10.96.0.10 80', 'load-balancer-ip 198.51.100.7 80', 'node-port  30080'],
    );
    assert.deepEqual(
      port.endpoints.map(({ text, isLocal, hairpin, weight }) => [text, isLocal, hairpin, weight]),
      [
        ['10.244.0.5:8080', true, true, 1],
        ['10.244.1.5:8080', false, undefined, 1],
      ],
    );
    assert.deepEqual([port.name, port.externalPolicy, port.cluster?.count], ['10.96.0.10:80/tcp', 'Cluster', 2]);
  });

  it('have the policy Local where sets say so, with the endpoints of the node', () => {
    const port = only({
      type: 'LoadBalancer',
      ports: PORTS,
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 31_000,
    });
    assert.equal(port.externalPolicy, 'Local');
    assert.deepEqual(
      port.frontends.map(({ kind, routes }) => `${kind} ${routes.outside}`),
      ['cluster-ip cluster', 'load-balancer-ip local', 'node-port local'],
    );
    assert.equal(port.local?.count, 1);
  });

  it('are masqueraded as the rules say: clusterIPs for those outside, nodePorts for all', () => {
    const { frontends } = only({ type: 'NodePort', ports: PORTS });
    assert.deepEqual(
      frontends.map(({ kind, masquerade }) => `${kind} ${masquerade.kind}`),
      ['cluster-ip except', 'node-port all'],
    );
    const { frontends: unmarked } = only({ type: 'NodePort', ports: PORTS }, (node) => {
      return { ...node, rules: node.rules.replaceAll(/^-A KUBE-NODE-PORT .*-j KUBE-MARK-MASQ\n/gm, '') };
    });
    assert.equal(unmarked.find(({ kind }) => kind === 'node-port')?.masquerade.kind, 'none');
  });

  it('keep clients, and say for how long', () => {
    const sticky = only({ sessionAffinity: 'ClientIP' });
    assert.equal(sticky.affinity?.seconds, 10_800);
    assert.ok(sticky.endpoints.every(({ remembers }) => remembers));
    assert.equal(only({}).affinity, undefined);
  });

  it('have source ranges, which rules enforce or do not', () => {
    const spec = { type: 'LoadBalancer', ports: PORTS, loadBalancerSourceRanges: ['203.0.113.0/24'] };
    assert.deepEqual(only(spec).sourceRanges?.cidrs, ['203.0.113.0/24']);
    assert.equal(only(spec).sourceRanges?.enforced, true);
    const open = only(spec, (node) => ({
      ...node,
      rules: node.rules.replaceAll(/^-A KUBE-PROXY-FIREWALL .*\n/gm, ''),
    }));
    assert.equal(open.sourceRanges?.enforced, false);
  });

  it('are refused without real servers, and named where only a set has them', () => {
    const empty = only({}, (node) => ({ ...node, servers: node.servers.replaceAll(/^-a .*\n/gm, '') }));
    assert.deepEqual(
      empty.frontends.map(({ refusal }) => [refusal?.verdict, refusal?.reason]),
      [['reject', 'no-endpoints']],
    );
    const lost = only({}, (node) => ({ ...node, servers: '' }));
    assert.deepEqual(lost.ipvs?.withoutServer, ['10.96.0.10:80/tcp']);
    assert.equal(lost.frontends[0]?.routes.pod, 'none');
  });
});
