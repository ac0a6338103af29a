import { strict as assert } from 'node:assert';
import { decodeSnapshot } from '../../../../src/core/model/decode/decode-snapshot.ts';
import { serviceDocument, sliceDocument } from '../../../support/builders.ts';

function said(document: unknown): readonly string[] {
  return decodeSnapshot([document], []).diagnostics.map((d) => `${d.code}: ${d.message} (${d.hint ?? ''})`);
}

describe('fields that Kubernetes does not have', () => {
  it('are reported where they are near one that it has, with their path', () => {
    assert.deepEqual(said(serviceDocument({ ports: [{ port: 80, targetport: 8080 }] })), [
      'unknown-field: Kubernetes has no field spec.ports[0].targetport; it is passed over (did you mean targetPort?)',
    ]);
    assert.equal(said(serviceDocument({ sessionAffinityConfig: { clientIp: {} } })).length, 1);
    assert.equal(said(sliceDocument({ endpoint: [] })).length, 1);
  });

  it('are silent where they are near none: a newer version may have them', () => {
    assert.deepEqual(said(serviceDocument({ gravity: 1, ports: [{ port: 80, weight: 1 }] })), []);
  });

  it('are told once for all endpoints of a slice', () => {
    const endpoints = Array.from({ length: 3 }, (_, i) => ({ addresses: [`10.0.0.${i}`], nodename: 'a' }));
    assert.deepEqual(said(sliceDocument({ endpoints })), [
      'unknown-field: Kubernetes has no field endpoints[0].nodename (and 2 more like it); it is passed over (did you mean nodeName?)',
    ]);
  });

  it('are found whatever the objects before had', () => {
    const ports = [
      { port: 80, name: 'a' },
      { name: 'b', port: 81 },
      { port: 82, name: 'c', protcol: 'TCP' },
      { prt: 1 },
    ];
    const found = said(serviceDocument({ ports })).filter((text) => text.startsWith('unknown-field'));
    assert.equal(found.length, 2);
  });
});
