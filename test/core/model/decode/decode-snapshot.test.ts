import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { printPath, type FieldPath } from '../../../../src/core/diag/source-location.ts';
import { decodeSnapshot } from '../../../../src/core/model/decode/decode-snapshot.ts';
import { serviceDocument, sliceDocument } from '../../../support/builders.ts';

function decode(...documents: readonly unknown[]): { names: readonly string[]; codes: readonly string[] } {
  const { snapshot, diagnostics } = decodeSnapshot(documents, []);
  const { services, endpointSlices, endpoints, nodes, pods } = snapshot;
  const all = [...services, ...endpointSlices, ...endpoints, ...nodes, ...pods];
  return {
    names: all.map((o) => `${o.kind} ${o.metadata.namespace}/${o.metadata.name}`),
    codes: diagnostics.map((d) => d.code),
  };
}

const list = (...items: readonly unknown[]): unknown => ({ apiVersion: 'v1', kind: 'List', items });

describe('decodeSnapshot', () => {
  it('reads each kind that shapes rules', () => {
    const named = { metadata: { name: 'a' } };
    const found = decode(
      serviceDocument(),
      sliceDocument(),
      { apiVersion: 'v1', kind: 'Endpoints', ...named },
      { apiVersion: 'v1', kind: 'Node', ...named },
      { apiVersion: 'v1', kind: 'Pod', ...named },
    );
    assert.deepEqual(found, {
      names: ['Service shop/web', 'EndpointSlice shop/web-1', 'Endpoints default/a', 'Node /a', 'Pod default/a'],
      codes: [],
    });
  });

  it('takes lists apart, and gives items of a typed list their kind', () => {
    const bare = { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } };
    assert.deepEqual(decode(list(list(serviceDocument()), { apiVersion: 'v1', kind: 'ServiceList', items: [bare] })), {
      names: ['Service default/a', 'Service shop/web'],
      codes: [],
    });
    assert.deepEqual(decode(list()), { names: [], codes: [] });
    assert.deepEqual(decode({ apiVersion: 'v1', kind: 'List', items: null }), { names: [], codes: [] });
  });

  it('sorts by namespace and name, whatever the order of the input', () => {
    const of = (namespace: string, name: string): unknown => serviceDocument({}, { namespace, name });
    const documents = [of('b', 'a'), of('a', 'b'), of('a', 'a'), of('a', 'a-b'), of('a-b', 'a')];
    const expected = ['a/a', 'a/a-b', 'a/b', 'a-b/a', 'b/a'].map((n) => `Service ${n}`);
    assert.deepEqual(decode(...documents).names, expected);
    assert.deepEqual(decode(...documents.toReversed()).names, expected);
  });

  it('uses one of two versions of an object by its content, not by its place', () => {
    const [a, b] = [serviceDocument({ clusterIP: '10.96.0.1' }), serviceDocument({ clusterIP: '10.96.0.2' })];
    const chosen = [decodeSnapshot([a, b], []), decodeSnapshot([b, a], [])].map(
      (r) => r.snapshot.services[0]?.clusterIP,
    );
    assert.deepEqual(chosen, ['10.96.0.1', '10.96.0.1']);
    assert.deepEqual(decode(a, b).codes, ['duplicate-object']);
    assert.deepEqual(decode(a, structuredClone(a)), { names: ['Service shop/web'], codes: [] });
  });

  it('takes two objects for the same where only the order of labels differs', () => {
    const labels = [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ].map((l) => serviceDocument({}, { labels: l }));
    assert.deepEqual(decode(...labels).codes, []);
  });

  it('names the places of an object that is given twice', () => {
    const { diagnostics } = decodeSnapshot(
      [serviceDocument(), serviceDocument({ clusterIP: '10.96.0.2' })],
      [
        { file: 'b.yaml', line: 1 },
        { file: 'a.yaml', line: 9 },
      ],
    );
    assert.match(diagnostics[0]?.message ?? '', /\(a\.yaml:9, b\.yaml:1\)/u);
  });

  it('remembers where objects came from', () => {
    const { snapshot } = decodeSnapshot([list(serviceDocument())], [{ file: 'a.yaml', line: 3 }]);
    assert.deepEqual(snapshot.services.map(snapshot.locate), [{ file: 'a.yaml', line: 3 }]);
  });

  it('asks where an item of a list is only for a message', () => {
    const asked: string[] = [];
    const locate = (path: FieldPath): { file: string; line: number } => {
      asked.push(printPath(path));
      return { file: 'a.yaml', line: 7 };
    };
    const nested = list(list(serviceDocument(), { ...serviceDocument(), metadata: { name: 'x y' } }));
    const { snapshot, diagnostics } = decodeSnapshot([nested], [{ file: 'a.yaml', line: 3, locate }]);
    assert.equal(snapshot.services.length, 1);
    assert.deepEqual(asked, ['items[0].items[1]']);
    assert.deepEqual(diagnostics[0]?.location, { file: 'a.yaml', line: 7 });
  });

  it('takes a nearly known kind for a slip, and no kind that there is', () => {
    const codeOf = (kind: string, apiVersion = 'v1'): string | undefined =>
      decode({ kind, apiVersion, metadata: { name: 'a' } }).codes[0];
    for (const kind of [
      'service',
      'SERVICE',
      'Services',
      'Srevice',
      'pods',
      'Nodes',
      'Endpoint',
      'list',
      'EndpointSlices',
    ])
      assert.equal(codeOf(kind), 'unknown-kind', kind);
    assert.equal(codeOf('endpointslice', 'discovery.k8s.io/v1'), 'unknown-kind');
    const core =
      'Binding ComponentStatus ConfigMap Event LimitRange Namespace PersistentVolume PersistentVolumeClaim PodTemplate ' +
      'ReplicationController ResourceQuota Secret ServiceAccount';
    for (const kind of core.split(' ')) assert.equal(codeOf(kind), 'kind-passed-over', kind);
    assert.equal(codeOf('services', 'serving.knative.dev/v1'), 'kind-passed-over');
    assert.equal(codeOf('Service', 'serving.knative.dev/v1'), 'kind-passed-over');
    assert.equal(codeOf('EndpointSlice'), 'unsupported-version');
    assert.equal(codeOf('EndpointSlice', ''), 'unsupported-version');
  });

  it('takes null for an empty list, and no items or anything but a list for a fault', () => {
    for (const kind of ['List', 'ServiceList']) {
      for (const items of [null, []]) assert.deepEqual(decode({ apiVersion: 'v1', kind, items }).codes, [], kind);
      for (const items of [undefined, {}, 'text', 5, false])
        assert.deepEqual(decode({ apiVersion: 'v1', kind, items }).codes, ['not-an-object'], kind);
    }
    assert.deepEqual(decode({ apiVersion: 'example.com/v1', kind: 'AllowList', items: {} }).codes, [
      'kind-passed-over',
    ]);
  });

  it('knows what iptables -S lists, and what chainsmith itself writes', () => {
    const hintOf = (document: unknown): string | undefined => decodeSnapshot([document], []).diagnostics[0]?.hint;
    // As YAML reads it: one long text.
    assert.match(hintOf('-P INPUT ACCEPT -N KUBE-SERVICES') ?? '', /as iptables -S lists them/);
    assert.match(hintOf('-N KUBE-SERVICES -A KUBE-SERVICES -j ACCEPT') ?? '', /as iptables -S lists them/);
    assert.match(hintOf('-- text') ?? '', /an object has apiVersion/);
    const plan = { apiVersion: 'chainsmith/v1', kind: 'Plan' };
    assert.deepEqual(decode(plan).codes, ['unknown-kind']);
    assert.match(hintOf(plan) ?? '', /chainsmith apply FILE/);
    assert.deepEqual(decode({ ...plan, kind: 'ApplyState' }).codes, ['unknown-kind']);
    assert.equal(hintOf({ ...plan, kind: 'ApplyState' }), undefined);
  });

  it('says of a name that YAML did not read as a text what to do', () => {
    for (const [metadata, message] of [
      [{ name: true }, 'metadata.name must be a text, not true; the object is left out'],
      [{ name: 15, namespace: 1 }, 'metadata.name must be a text, not 15; the object is left out'],
      [{ name: 'a', namespace: false }, 'metadata.namespace must be a text, not false; the object is left out'],
    ] as const) {
      const { diagnostics } = decodeSnapshot([{ ...serviceDocument(), metadata }], []);
      assert.deepEqual(
        diagnostics.map((d) => d.message),
        [message],
      );
      assert.match(diagnostics[0]?.hint ?? '', /quotes/u);
    }
  });

  it('finds every fault of an object at once', () => {
    const { diagnostics } = decodeSnapshot([serviceDocument({ type: 'x', ports: [{ port: 0 }, {}] })], []);
    assert.equal(diagnostics.length, 3);
    assert.ok(diagnostics.every((d) => d.code === 'invalid-field'));
  });

  it('never throws, whatever it is given', () => {
    const kind = fc.constantFrom('Service', 'EndpointSlice', 'Endpoints', 'Node', 'Pod', 'List', 'ServiceList', 'X');
    const apiVersion = fc.constantFrom('v1', 'discovery.k8s.io/v1', 'v2');
    const document = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          kind,
          apiVersion,
          metadata: fc.jsonValue(),
          spec: fc.jsonValue(),
          status: fc.jsonValue(),
          items: fc.array(fc.jsonValue()),
        },
        { requiredKeys: ['kind', 'apiVersion'] },
      ),
    );
    fc.assert(
      fc.property(fc.array(document, { maxLength: 4 }), (documents) => {
        const { snapshot, diagnostics } = decodeSnapshot(documents, []);
        assert.ok(Array.isArray(snapshot.services) && Array.isArray(diagnostics));
      }),
    );
  });
});
