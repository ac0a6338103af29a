// The list of semantics.md §4.9, line by line: each difference is told where a snapshot has it, with a packet that shows it.
import assert from 'node:assert/strict';
import { compareModes } from '../../../../src/core/analyze/modes/compare-modes.ts';
import type { ModeDifference, ModeTopic } from '../../../../src/core/analyze/modes/mode-difference.ts';
import { serviceDocument, sliceDocument } from '../../../support/builders.ts';
import { CLUSTER_CIDR } from '../../../support/compiled.ts';
import { meantIpvs } from '../../../support/ipvs-verify.ts';
import { modeTracer } from '../../../support/mode-packets.ts';
import { nodeObject } from '../../../support/objects.ts';
import { meantRules } from '../../../support/verify.ts';

const HERE = { addresses: ['10.244.0.5'], nodeName: 'node-a' };
const ELSEWHERE = { addresses: ['10.244.1.6'], nodeName: 'node-b' };
const NOBODY = sliceDocument({ endpoints: [] });

interface Case {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly slice?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Of IPv4. Each packet is followed through what both modes compile to, and shows what is told. */
function differences({ spec, status = {}, slice = sliceDocument(), config = {} }: Case): readonly ModeDifference[] {
  const documents = [nodeObject('node-a', 0, undefined), { ...serviceDocument(spec), status }, slice];
  const options = { config: { ...CLUSTER_CIDR, ...config } };
  const [rules] = meantRules(documents, options);
  const [ipvs] = meantIpvs(documents, options);
  assert.ok(rules !== undefined && ipvs !== undefined);
  const traced = modeTracer(rules.text, ipvs.node, ipvs.meaning);
  const found = compareModes({ ...rules.meaning, config: ipvs.config });
  for (const one of found) assert.deepEqual(traced.example(one.packet), traced.fates(one), JSON.stringify(one));
  return found;
}

/** `source -> destination: iptables / ipvs`, of one topic. */
function told(one: Case, topic: ModeTopic): readonly string[] {
  return differences(one)
    .filter((difference) => difference.topic === topic)
    .map(({ packet, iptables, ipvs }) => {
      const from = packet.inInterface === undefined ? 'node' : packet.source;
      return `${from} -> ${packet.destination}:${packet.destinationPort ?? ''} ${packet.tracking}: ${fate(iptables)} / ${fate(ipvs)}`;
    });
}

function fate(one: ModeDifference['iptables']): string {
  if (one.kind !== 'endpoints') return one.kind;
  const itself = one.toItself === undefined ? '' : ` but ${one.toItself.join()}`;
  return `${one.endpoints.join()} ${one.masquerade ? 'masked' : 'plain'}${itself}`;
}

const NODE_PORT = { type: 'NodePort', ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080 }] };
const BALANCED = { ...NODE_PORT, type: 'LoadBalancer' };
const INGRESS = { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } };

describe('compareModes', () => {
  it('a policy Local without a local endpoint: DROP, all endpoints, and none where nobody outside can reach the Service', () => {
    const slice = sliceDocument({ endpoints: [ELSEWHERE] });
    assert.deepEqual(told({ spec: { ...NODE_PORT, externalTrafficPolicy: 'Local' }, slice }, 'no-local-endpoints'), [
      '198.51.100.23 -> 192.168.0.10:30080 NEW: drop / 10.244.1.6:8080 plain',
    ]);
    assert.deepEqual(told({ spec: { ...NODE_PORT, internalTrafficPolicy: 'Local' }, slice }, 'no-local-endpoints'), [
      '198.51.100.23 -> 10.96.0.10:80 NEW: drop / 10.244.1.6:8080 masked',
      '10.244.1.7 -> 10.96.0.10:80 NEW: drop / 10.244.1.6:8080 plain',
    ]);
    assert.deepEqual(told({ spec: { internalTrafficPolicy: 'Local' }, slice }, 'no-local-endpoints'), [
      '10.244.1.7 -> 10.96.0.10:80 NEW: drop / refused',
    ]);
    assert.deepEqual(told({ spec: { internalTrafficPolicy: 'Local' } }, 'no-local-endpoints'), []);
  });

  it('no endpoints: a rule rejects, a virtual server without real servers refuses; what the node sends past rules too', () => {
    assert.deepEqual(told({ slice: NOBODY }, 'no-endpoints'), ['10.244.1.7 -> 10.96.0.10:80 NEW: reject / refused']);
    assert.deepEqual(told({ slice: NOBODY, spec: { externalIPs: ['198.51.100.9'] } }, 'no-endpoints'), [
      '10.244.1.7 -> 10.96.0.10:80 NEW: reject / refused',
      '10.244.1.7 -> 198.51.100.9:80 NEW: reject / refused',
      'node -> 198.51.100.9:80 NEW: untouched / refused',
    ]);
    assert.deepEqual(told({}, 'no-endpoints'), []);
  });

  it('nodePorts at loopback: as configured, none', () => {
    assert.deepEqual(told({ spec: NODE_PORT }, 'localhost-node-ports'), [
      'node -> 127.0.0.1:30080 NEW: 10.244.0.5:8080 masked / untouched',
    ]);
    const off = { iptables: { localhostNodePorts: false } };
    assert.deepEqual(told({ spec: NODE_PORT, config: off }, 'localhost-node-ports'), []);
  });

  it('nodePorts at addresses of the node: all there are, all that are known', () => {
    assert.deepEqual(told({ spec: NODE_PORT }, 'node-port-addresses'), [
      '10.244.1.7 -> 203.0.113.80:30080 NEW: 10.244.0.5:8080 masked / untouched',
    ]);
    const only = { nodePortAddresses: ['192.168.0.0/24'] };
    assert.deepEqual(told({ spec: NODE_PORT, config: only }, 'node-port-addresses'), []);
  });

  it('source ranges without endpoints: REJECT, DROP outside of them', () => {
    const spec = { ...BALANCED, loadBalancerSourceRanges: ['203.0.113.0/24'] };
    assert.deepEqual(told({ spec, status: INGRESS, slice: NOBODY }, 'source-ranges'), [
      '10.244.1.7 -> 198.51.100.7:80 NEW: reject / drop',
    ]);
    assert.deepEqual(told({ spec, status: INGRESS }, 'source-ranges'), []);
  });

  it('INVALID packets: DROP, nothing', () => {
    const slice = sliceDocument({ endpoints: [ELSEWHERE] });
    assert.deepEqual(told({ slice }, 'invalid-packets'), ['10.244.1.7 -> 10.244.1.6:8080 INVALID: drop / untouched']);
    assert.deepEqual(told({}, 'invalid-packets'), ['10.244.1.7 -> 192.0.2.80:8080 INVALID: drop / untouched']);
    assert.deepEqual(told({ config: { conntrack: { tcpBeLiberal: true } } }, 'invalid-packets'), []);
  });

  it('other ports: no rule, REJECT', () => {
    assert.deepEqual(told({}, 'other-ports-of-cluster-ip'), ['10.244.1.7 -> 10.96.0.10:8443 NEW: untouched / reject']);
    assert.deepEqual(told({ spec: BALANCED, status: INGRESS }, 'other-ports-of-external-ip'), [
      '10.244.1.7 -> 198.51.100.7:8443 NEW: untouched / reject',
    ]);
  });

  it('an endpoint that reaches itself: alike on its own node, masqueraded elsewhere in iptables alone', () => {
    assert.deepEqual(told({}, 'hairpin-of-other-node'), []);
    const slice = sliceDocument({ endpoints: [HERE, ELSEWHERE] });
    assert.deepEqual(told({ slice }, 'hairpin-of-other-node'), [
      '10.244.1.6 -> 10.96.0.10:80 NEW: 10.244.0.5:8080,10.244.1.6:8080 plain but 10.244.1.6:8080 / 10.244.0.5:8080,10.244.1.6:8080 plain',
    ]);
  });

  it('a port that is the number of a nodePort: masqueraded in ipvs', () => {
    const ports = [{ name: 'http', protocol: 'TCP', port: 30_080, nodePort: 30_080 }];
    assert.deepEqual(told({ spec: { type: 'NodePort', ports } }, 'port-of-node-port'), [
      '10.244.1.7 -> 10.96.0.10:30080 NEW: 10.244.0.5:8080 plain / 10.244.0.5:8080 masked',
    ]);
  });

  it('nothing tells Pods: ipvs masquerades what the node sends', () => {
    assert.deepEqual(told({ config: { clusterCIDR: '' } }, 'masquerade-of-node'), [
      'node -> 10.96.0.10:80 NEW: 10.244.0.5:8080 plain / 10.244.0.5:8080 masked',
    ]);
  });

  it('a policy Local for those inside: all endpoints, as for everybody', () => {
    const slice = sliceDocument({ endpoints: [HERE, ELSEWHERE] });
    const spec = { ...NODE_PORT, externalTrafficPolicy: 'Local' };
    const both = '10.244.0.5:8080,10.244.1.6:8080';
    assert.deepEqual(told({ slice, spec }, 'local-policy-inside'), [
      `10.244.1.7 -> 192.168.0.10:30080 NEW: ${both} plain / 10.244.0.5:8080 plain`,
      `node -> 192.168.0.10:30080 NEW: ${both} masked / 10.244.0.5:8080 plain`,
    ]);
  });

  it('tells of each Service alone what it has', () => {
    assert.deepEqual(
      differences({}).map(({ topic }) => topic),
      ['other-ports-of-cluster-ip', 'invalid-packets'],
    );
  });
});
