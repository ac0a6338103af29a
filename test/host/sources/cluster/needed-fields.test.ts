import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { decodeSnapshot } from '../../../../src/core/model/decode/decode-snapshot.ts';
import { fieldOf, isMapping, type Mapping } from '../../../../src/core/util/mapping.ts';
import { neededFields } from '../../../../src/host/sources/cluster/needed-fields.ts';
import { RESOURCES } from '../../../../src/host/sources/cluster/resources.ts';
import { snapshots } from '../../../support/arbitraries.ts';
import { goldenRoot } from '../../../support/golden-paths.ts';
import { holds } from '../../../support/law.ts';

const LABELS = {
  'kubernetes.io/service-name': 'web',
  'service.kubernetes.io/headless': '',
  'service.kubernetes.io/service-proxy-name': 'mine',
  'topology.kubernetes.io/zone': 'z1',
};
const metadata = { name: 'web', namespace: 'shop', labels: LABELS };

/** Every field that decoding reads, each with a value of its own. */
const FULL: readonly Mapping[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'web', nodePort: 30_000 }],
      selector: { b: '1', a: '2' },
      externalIPs: ['1.2.3.4'],
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      allocateLoadBalancerNodePorts: true,
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Local',
      trafficDistribution: 'PreferClose',
      healthCheckNodePort: 30_001,
      publishNotReadyAddresses: true,
    },
    status: { loadBalancer: { ingress: [{ ip: '5.6.7.8', hostname: 'h', ipMode: 'VIP' }] } },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.1.0.1'],
        conditions: { ready: true, serving: true, terminating: true },
        nodeName: 'n',
        zone: 'z',
        hints: { forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] },
      },
    ],
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels: LABELS },
    spec: { podCIDRs: ['10.244.0.0/24'] },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.1' }] },
  },
];

/** Documents as a cluster has them: only the kinds that are listed, with what the API server adds to them. */
function needed(documents: readonly unknown[]): readonly Mapping[] {
  return documents.flatMap((document) => {
    const resource = RESOURCES.find(({ kind }) => kind === fieldOf(document, 'kind'));
    return resource === undefined ? [] : [neededFields(resource, document)];
  });
}

const listed = (documents: readonly unknown[]): readonly unknown[] =>
  documents.filter((document) => RESOURCES.some(({ kind }) => kind === fieldOf(document, 'kind')));

const USED = new Set(Object.keys(LABELS));

/** What decoding makes of them, as JSON. */
function decoded(documents: readonly unknown[]): unknown {
  const { snapshot, diagnostics } = decodeSnapshot(documents, []);
  const text = JSON.stringify({ ...snapshot, diagnostics }, (_key, value: unknown) =>
    value instanceof Map ? Object.fromEntries([...value].map(([key, text]) => [`label ${String(key)}`, text])) : value,
  );
  return JSON.parse(text);
}

/** Paths at which a decoded value is as if nothing had been said. */
function silentPaths(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === '' || value === false) return [path];
  if (value instanceof Map) return value.size === 0 ? [path] : [];
  if (Array.isArray(value))
    return value.length === 0 ? [path] : value.flatMap((v, i) => silentPaths(v, `${path}[${i}]`));
  return isMapping(value) ? Object.entries(value).flatMap(([key, v]) => silentPaths(v, `${path}.${key}`)) : [];
}

describe('neededFields', () => {
  it('keeps every field that decoding reads', () => {
    const { snapshot, diagnostics } = decodeSnapshot(FULL, []);
    assert.deepEqual(diagnostics, []);
    const { services, endpointSlices, nodes } = snapshot;
    const objects = [...services, ...endpointSlices, ...nodes];
    assert.equal(objects.length, 3);
    // A new field of the model has to be filled in above, and then kept.
    assert.deepEqual(
      objects.flatMap((o) => silentPaths(o, o.kind)),
      ['Node.metadata.namespace'],
    );
    assert.deepEqual(decoded(needed(FULL)), decoded(FULL));
    assert.deepEqual(needed(FULL), JSON.parse(JSON.stringify(FULL)));
  });

  it('keeps the one podCIDR of an old Node', () => {
    const old = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { podCIDR: '10.244.0.0/24' } };
    assert.deepEqual(needed([old]), [old]);
  });

  it('leaves out what shapes no rules, and prints the rest in one order', () => {
    const noise = { uid: 'u', managedFields: [{}], annotations: { secret: 's' }, creationTimestamp: 't' };
    const [service] = FULL;
    assert.ok(service !== undefined && isMapping(service['metadata']) && isMapping(service['spec']));
    const spec = Object.fromEntries(Object.entries({ ...service['spec'], loadBalancerClass: 'x' }).toReversed());
    const labels = { app: 'web', 'helm.sh/chart': 'c', ...LABELS };
    const noisy = { status: service['status'], spec, metadata: { ...noise, labels, namespace: 'shop', name: 'web' } };
    const kept = JSON.stringify(needed([{ kind: 'Service', ...noisy }]));
    assert.equal(kept, JSON.stringify(needed([service])));
    assert.match(kept, /"selector":\{"a":"2","b":"1"\}/);
    assert.deepEqual(needed([{ kind: 'Node', metadata: { name: 'n', labels: { app: 'x' } } }]), [
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } },
    ]);
  });

  it('leaves wrong types as they are, for decoding to tell', () => {
    const wrong = { kind: 'Service', apiVersion: 'v1', metadata: { name: 'web' }, spec: { ports: 'x', selector: 3 } };
    assert.deepEqual(needed([wrong]), [wrong]);
  });

  it('changes nothing of what decoding makes of a recorded cluster', () => {
    const root = join(goldenRoot, 'reference');
    const cases = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.ok(cases.length > 100);
    for (const { name } of cases) {
      const snapshot: unknown = JSON.parse(readFileSync(join(root, name, 'snapshot.json'), 'utf8'));
      const items = fieldOf(snapshot, 'items');
      assert.ok(Array.isArray(items), name);
      assert.deepEqual(decodedLabels(needed(items)), decodedLabels(listed(items)), name);
    }
  });

  it('changes nothing of what decoding makes of any cluster', () => {
    holds(
      fc.property(snapshots({ explicit: true }), (objects) => {
        assert.deepEqual(decodedLabels(needed(objects)), decodedLabels(listed(objects)));
      }),
      { runs: 100 },
    );
  });
});

/** As `decoded`, with only the labels that rules depend on. */
function decodedLabels(documents: readonly unknown[]): unknown {
  const stripped = documents.map((document) => {
    const meta = fieldOf(document, 'metadata');
    const labels = fieldOf(meta, 'labels');
    if (!isMapping(document) || !isMapping(meta) || !isMapping(labels)) return document;
    const used = Object.fromEntries(Object.entries(labels).filter(([key]) => USED.has(key)));
    return { ...document, metadata: { ...meta, labels: used } };
  });
  return decoded(stripped);
}
