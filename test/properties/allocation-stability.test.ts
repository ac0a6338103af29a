import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compiled } from '../support/compiled.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { sliceObject } from '../support/objects.ts';
import { readRules } from '../support/rules-text.ts';

const name = fc.integer({ min: 0, max: 400 }).map((n) => `svc-${n}`);
const plans = fc.uniqueArray(fc.record({ name, port: fc.constantFrom(80, 443) }), {
  maxLength: 14,
  selector: (p) => p.name,
});

/** A NodePort Service as people write it, without addresses, and one endpoint. */
function manifest({ name, port }: { readonly name: string; readonly port: number }): readonly JsonObject[] {
  const service = { namespace: 'default', name };
  const endpoint = { v4: '10.244.0.9', v6: '', conditions: {}, nodeName: undefined, hints: undefined };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { ...service }, spec: { type: 'NodePort', ports: [{ port }] } },
    sliceObject(service, `${name}-a`, 'IPv4', [{ name: '', port: 8080 }], [endpoint]),
  ];
}

interface Found {
  /** Service to what it was given, and the reverse. */
  readonly of: ReadonlyMap<string, string>;
  readonly owner: ReadonlyMap<string, string>;
}

/** clusterIPs and nodePorts, as the rules have them. */
function allocated(documents: readonly JsonObject[], serviceCidrs: readonly string[], nodePortRange: string): Found {
  const [text = ''] = compiled(documents, { families: ['ipv4'], serviceCidrs, nodePortRange }).texts;
  const of = new Map<string, string>();
  for (const { table, name: chain, rules } of readRules(text)) {
    for (const rule of table === 'nat' ? rules : []) {
      const cluster = /^-A KUBE-SERVICES -d (\S+) .*--comment "(\S+) cluster IP"/.exec(rule);
      if (cluster !== null) of.set(`${cluster[2] ?? ''} address`, cluster[1] ?? '');
      const node = chain === 'KUBE-NODEPORTS' ? /--comment "(\S+)".*--dport (\d+)/.exec(rule) : null;
      if (node !== null) of.set(`${node[1] ?? ''} nodePort`, node[2] ?? '');
    }
  }
  return { of, owner: new Map([...of].map(([key, value]) => [value, key])) };
}

describe('allocation', () => {
  it('of addresses and nodePorts moves nobody when a Service is added, unless its place is taken', () => {
    let moved = 0;
    const law = fc.property(
      plans,
      fc.record({ name: fc.constantFrom('new', 'svc', 'a', 'zz'), port: fc.constant(80) }),
      // Small ranges, so that Services do collide.
      fc.constantFrom('10.0.0.0/16', '10.0.0.0/27', '10.0.0.0/28'),
      fc.constantFrom('30000-32767', '30000-30031', '30000-30019'),
      (some, added, cidr, range) => {
        const objects = some.flatMap(manifest);
        const before = allocated(objects, [cidr], range);
        const after = allocated([...objects, ...manifest(added)], [cidr], range);
        for (const [key, value] of before.of) {
          if (after.of.get(key) === value) continue;
          moved += 1;
          const taker = after.owner.get(value);
          assert.ok(taker !== undefined && taker !== key, `${key} left ${value}, which is now free`);
        }
      },
    );
    holds(law, { runs: 300 });
    assert.ok(moved > 0, 'some Services did collide, else the law was not put to the test');
  });

  it('moves nobody at all in ranges of the usual size, where few Services collide', () => {
    const thirty = Array.from({ length: 30 }, (_, i) => manifest({ name: `web-${i}`, port: 80 })).flat();
    const before = allocated(thirty, ['10.96.0.0/16'], '30000-32767');
    const after = allocated([...thirty, ...manifest({ name: 'another', port: 80 })], ['10.96.0.0/16'], '30000-32767');
    assert.equal(before.of.size, 60);
    for (const [key, value] of before.of) assert.equal(after.of.get(key), value);
  });
});
