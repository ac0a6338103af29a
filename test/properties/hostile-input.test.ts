import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { compiled } from '../support/compiled.ts';
import { assertHarmless } from '../support/grammar.ts';
import { hostileJson, mutated, mutations } from '../support/hostile.ts';
import type { Json } from '../support/json.ts';
import { holds } from '../support/law.ts';

/** Far above what these small inputs need, far below what a person would call hanging. */
const QUICK_MS = 2000;

function assertHarmlessAndQuick(documents: readonly Json[], options: CompileOptions): void {
  const start = performance.now();
  for (const text of compiled(documents, options).texts) assertHarmless(text);
  const elapsed = performance.now() - start;
  assert.ok(elapsed < QUICK_MS, `took ${elapsed} ms`);
}

const options: fc.Arbitrary<CompileOptions> = fc.record({
  applyDefaults: fc.boolean(),
  nfacct: fc.boolean(),
  randomFully: fc.boolean(),
  config: fc.oneof(fc.constant({}), proxyConfigs),
});

const INTERFACES = ['-t', '--jump', 'a b', 'x"', 'eth0', '@', '..', '-', '+', 'cni0\n-A INPUT'];

describe('no input', () => {
  it('makes a rule outside of the grammar: well-formed snapshots', () => {
    const arbitrary = fc.property(snapshots({ conflicts: true }), options, assertHarmlessAndQuick);
    holds(arbitrary, { runs: 150 });
  });

  it('makes a rule outside of the grammar: damaged snapshots', () => {
    const law = fc.property(snapshots({ conflicts: true }), mutations, options, (objects, changes, given) => {
      const damaged = mutated(objects, changes);
      assertHarmlessAndQuick(Array.isArray(damaged) ? (damaged as readonly Json[]) : [damaged], given);
    });
    holds(law, { runs: 700 });
  });

  it('makes a rule outside of the grammar: any JSON', () => {
    const law = fc.property(fc.array(hostileJson, { maxLength: 4 }), options, assertHarmlessAndQuick);
    holds(law, { runs: 700 });
  });

  it('makes a rule outside of the grammar: configurations', () => {
    const damaged = fc.tuple(proxyConfigs, mutations).map(([config, changes]) => mutated(config, changes));
    const interfaces = fc.constantFrom('BridgeInterface', 'InterfaceNamePrefix').chain((detectLocalMode) =>
      fc.oneof(fc.constantFrom(...INTERFACES), fc.string({ unit: 'grapheme-ascii', maxLength: 16 })).map((name) => ({
        detectLocalMode,
        detectLocal: { bridgeInterface: name, interfaceNamePrefix: name },
      })),
    );
    const law = fc.property(
      snapshots({ maxServices: 2 }),
      fc.oneof(damaged, interfaces, hostileJson),
      (objects, config) => assertHarmlessAndQuick(objects, { config }),
    );
    holds(law, { runs: 500 });
  });

  it('makes a rule outside of the grammar: options given as text', () => {
    const text = fc.oneof(
      hostileJson.filter((v) => typeof v === 'string'),
      fc.string(),
    );
    const law = fc.property(
      snapshots({ maxServices: 2 }),
      fc.record(
        {
          node: text,
          zone: text,
          nodeIps: fc.array(text, { maxLength: 2 }),
          localIps: fc.array(text, { maxLength: 2 }),
          serviceCidrs: fc.array(text, { maxLength: 2 }),
          nodePortRange: text,
        },
        { requiredKeys: [] },
      ),
      assertHarmlessAndQuick,
    );
    holds(law, { runs: 200 });
  });

  it('is too deep to read', () => {
    let deep: Json = 'leaf';
    for (let i = 0; i < 5000; i++) deep = { items: [deep], spec: deep, kind: 'List', apiVersion: 'v1' };
    assertHarmlessAndQuick([deep], {});
  });

  it('is too long: a Service with more endpoints, and a file with more faults, than arguments fit on the stack', () => {
    const count = 150_000;
    const metadata = { name: 'web', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } };
    const spec = { clusterIP: '10.96.0.9', ports: [{ port: 80 }] };
    const endpoints = Array.from({ length: count }, (_, i) => ({
      addresses: [`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`],
    }));
    const slice = { metadata, addressType: 'IPv4', ports: [{ name: '', port: 80 }], endpoints };
    const faults = Array.from({ length: count }, () => ({}));
    const { texts, diagnostics } = compiled(
      [
        { apiVersion: 'v1', kind: 'Service', metadata, spec },
        { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', ...slice },
        { kind: 'ServiceList', apiVersion: 'v1', items: faults },
      ],
      { families: ['ipv4'] },
    );
    assert.equal(texts[0]?.match(/ -j DNAT /g)?.length, count);
    assert.ok(diagnostics.some((d) => d.code === 'invalid-name'));
  });
});
