import { strict as assert } from 'node:assert';
import { compile, type CompileOptions } from '../../../src/core/compile/compile.ts';
import { printRules } from '../../../src/core/compile/print-rules.ts';
import { compileTemplates } from '../../../src/core/render/compile-template.ts';
import { serviceDocument, sliceDocument } from '../../support/builders.ts';

const OPTIONS: CompileOptions = { node: 'node-a', config: { clusterCIDR: '10.244.0.0/16,fd00::/56' } };

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

describe('compile', () => {
  it('never changes its input', () => {
    const documents = freeze([serviceDocument({ type: 'NodePort' }), sliceDocument()]);
    const { rules } = compile(documents, freeze({ ...OPTIONS }));
    assert.equal(rules.length, 2);
  });

  it('compiles the fixed chains where every Service is left out; to print them or not is for others', () => {
    const bad = [serviceDocument({ clusterIP: '10.96.0' }), sliceDocument()];
    const { rules, diagnostics } = compile(bad, OPTIONS);
    assert.deepEqual(
      diagnostics.map(({ code }) => code).filter((code) => code === 'no-services' || code === 'invalid-field'),
      ['invalid-field', 'no-services'],
    );
    assert.match(
      diagnostics.find(({ code }) => code === 'no-services')?.message ?? '',
      /every Service is left out; only the fixed chains are compiled/,
    );
    assert.deepEqual(
      rules.map((r) => printRules(r)),
      compile([], OPTIONS).rules.map((r) => printRules(r)),
    );
  });

  it('gives the same bytes each time, in whatever order the objects come', () => {
    const documents = ['a', 'b', 'c'].flatMap((name, i) => [
      serviceDocument({ clusterIP: `10.96.0.${i}` }, { name }),
      sliceDocument({
        metadata: { name: `${name}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
      }),
    ]);
    const text = (given: readonly unknown[]): string =>
      compile(given, OPTIONS)
        .rules.map((r) => printRules(r))
        .join('');
    assert.equal(text(documents.toReversed()), text(documents));
    assert.equal(text(documents), text(structuredClone(documents)));
  });

  it('compiles the families that are asked for', () => {
    const families = (options: CompileOptions): readonly string[] =>
      compile([serviceDocument()], { ...OPTIONS, ...options }).rules.map((r) => r.family);
    assert.deepEqual(families({}), ['ipv4', 'ipv6']);
    assert.deepEqual(families({ families: ['ipv6'] }), ['ipv6']);
  });

  const noRules: Readonly<Record<string, CompileOptions>> = {
    'config-invalid-value': { nodeIps: ['x'] },
    'config-unknown-field': { config: { clusterCIDRs: '' } },
    'config-mode-not-compiled': { config: { mode: 'ipvs' } },
    'config-wrong-kind': { config: { kind: 'Service', apiVersion: 'v1' } },
  };
  for (const [code, options] of Object.entries(noRules)) {
    it(`compiles nothing after ${code}`, () => {
      const { rules, diagnostics } = compile([serviceDocument()], { node: 'node-a', ...options });
      assert.deepEqual(rules, []);
      assert.ok(diagnostics.some((d) => d.code === code));
    });
  }

  it('uses a template of the user for its chain, and the built-in ones for the others', () => {
    const file = {
      text: '-A KUBE-MARK-MASQ -j MARK --set-xmark {{mark}}/{{mark}} -m comment --comment mine\n',
      file: 'mine.hbs',
    };
    const { templates } = compileTemplates(new Map([['nat/KUBE-MARK-MASQ.hbs', file]]));
    const [own] = compile([], { ...OPTIONS, templates, families: ['ipv4'] }).rules;
    const [builtIn] = compile([], { ...OPTIONS, families: ['ipv4'] }).rules;
    assert.ok(own && builtIn);
    assert.deepEqual(
      own.chains
        .filter((chain, i) => chain.rules !== builtIn.chains[i]?.rules)
        .map((chain) => [chain.name, chain.rules]),
      [['KUBE-MARK-MASQ', '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000 -m comment --comment mine\n']],
    );
  });
});
