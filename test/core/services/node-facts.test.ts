import { strict as assert } from 'node:assert';
import type { Diagnostic } from '../../../src/core/diag/diagnostic.ts';
import type { Node } from '../../../src/core/model/kubernetes.ts';
import type { ProxyConfig } from '../../../src/core/model/proxy-config.ts';
import { nodeFacts, type NodeFacts, type NodeOptions } from '../../../src/core/services/node-facts.ts';
import { ip, node, proxyConfig, snapshotOf } from '../../support/builders.ts';

interface Given {
  readonly nodes?: readonly Node[];
  readonly config?: Partial<ProxyConfig>;
  readonly options?: Partial<NodeOptions>;
}

function facts({ nodes = [], config = {}, options = {} }: Given): {
  facts: NodeFacts | undefined;
  codes: readonly string[];
} {
  const diagnostics: Diagnostic[] = [];
  const found = nodeFacts(
    snapshotOf(...nodes),
    proxyConfig(config),
    { name: undefined, ips: [], localIps: [], zone: undefined, ...options },
    diagnostics,
  );
  return { facts: found, codes: diagnostics.map((d) => d.code) };
}

const texts = (ips: readonly { readonly text: string }[] | undefined): readonly string[] =>
  (ips ?? []).map((i) => i.text);
const addresses = [
  { type: 'Hostname', address: 'node-a' },
  { type: 'ExternalIP', address: '203.0.113.7' },
  { type: 'InternalIP', address: '192.168.0.10' },
  { type: 'InternalIP', address: '192.168.1.10' },
  { type: 'InternalIP', address: 'fd00::10' },
];
const A = node('node-a', { addresses, podCIDRs: ['10.244.0.0/24', 'nonsense', 'fd00:1::/64'] }, 'zone-a');

describe('nodeFacts', () => {
  it('come from the only Node', () => {
    const found = facts({ nodes: [A] });
    assert.deepEqual(found.codes, []);
    assert.equal(found.facts?.name, 'node-a');
    assert.equal(found.facts?.zone, 'zone-a');
    assert.deepEqual(texts(found.facts?.ips), ['192.168.0.10', 'fd00::10']);
    assert.deepEqual(texts(found.facts?.podCidrs), ['10.244.0.0/24', 'fd00:1::/64']);
    assert.deepEqual(texts(found.facts?.localIps), ['127.0.0.1', '::1', '192.168.0.10', 'fd00::10', '192.168.1.10']);
  });

  it('take an external address where there is no internal one', () => {
    const only = node('node-a', { addresses: addresses.slice(0, 2) });
    assert.deepEqual(texts(facts({ nodes: [only] }).facts?.ips), ['203.0.113.7']);
  });

  it('are overridden by what the user says', () => {
    const options = { ips: [ip('192.0.2.1')], localIps: [ip('192.0.2.2')], zone: 'zone-z' };
    const found = facts({ nodes: [A], options }).facts;
    assert.deepEqual(texts(found?.ips), ['192.0.2.1', 'fd00::10']);
    assert.equal(found?.zone, 'zone-z');
    assert.ok(texts(found?.localIps).includes('192.0.2.2'));
  });

  it('prefer a bindAddress to the addresses of the Node, and --node-ip to both', () => {
    const config = { bindAddress: ip('192.0.2.9') };
    assert.deepEqual(texts(facts({ nodes: [A], config }).facts?.ips), ['192.0.2.9', 'fd00::10']);
    assert.deepEqual(texts(facts({ nodes: [A], config, options: { ips: [ip('192.0.2.1')] } }).facts?.ips), [
      '192.0.2.1',
      'fd00::10',
    ]);
  });

  it('need a choice among several Nodes', () => {
    const nodes = [A, node('node-b')];
    assert.deepEqual(facts({ nodes }), { facts: undefined, codes: ['node-ambiguous'] });
    assert.equal(facts({ nodes, options: { name: 'node-b' } }).facts?.name, 'node-b');
    assert.equal(facts({ nodes, config: { hostnameOverride: 'node-b' } }).facts?.name, 'node-b');
    const both = { options: { name: 'node-a' }, config: { hostnameOverride: 'node-b' } };
    assert.equal(facts({ nodes, ...both }).facts?.name, 'node-a');
  });

  it('keep a name that no Node has', () => {
    const found = facts({ nodes: [A], options: { name: 'node-x' } });
    assert.deepEqual(found.codes, ['node-not-found']);
    assert.equal(found.facts?.name, 'node-x');
    assert.deepEqual(found.facts?.ips, []);
    assert.equal(found.facts?.zone, undefined);
    assert.deepEqual(facts({ options: { name: 'node-x' } }).codes, []);
  });

  it('do without a Node', () => {
    const found = facts({});
    assert.deepEqual(found.codes, ['node-unknown']);
    assert.equal(found.facts?.name, undefined);
  });

  it('take an empty zone label for none', () => {
    assert.equal(facts({ nodes: [node('node-a', {}, '')] }).facts?.zone, undefined);
  });
});
