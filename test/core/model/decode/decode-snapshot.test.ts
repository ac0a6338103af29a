import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
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
