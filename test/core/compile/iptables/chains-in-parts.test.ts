// The chains of service ports before all are compiled: whole chains, and with each all that it jumps to.
import assert from 'node:assert/strict';
import { compile, compilePrepared } from '../../../../src/core/compile/compile.ts';
import { prepareObjects, type PreparedObjects } from '../../../../src/core/compile/read-meaning.ts';
import type { IpFamily } from '../../../../src/core/model/ip.ts';
import { compileTemplates } from '../../../../src/core/render/compile-template.ts';
import type { CompiledChain, CompiledRules } from '../../../../src/core/ruleset/compiled-rules.ts';
import { clusterJson, NODE } from '../../../../scripts/benchmark/cluster.ts';
import { recordedConfig, recordedSnapshot, referenceCases } from '../../../support/recordings.ts';

type Part = readonly [IpFamily, readonly CompiledChain[]];

function compileInParts(prepared: PreparedObjects): {
  readonly rules: readonly CompiledRules[];
  readonly parts: readonly Part[];
} {
  const parts: Part[] = [];
  const { rules } = compilePrepared(prepared, undefined, (family, chains) => parts.push([family, chains]));
  return { rules, parts };
}

function assertParts({ rules, parts }: ReturnType<typeof compileInParts>): void {
  for (const { family, chains } of rules) {
    const own = parts.filter(([of]) => of === family).map(([, part]) => part);
    const byName = (a: CompiledChain, b: CompiledChain): number => (a.name < b.name ? -1 : 1);
    const ofServices = chains.filter(({ service }) => service !== undefined);
    assert.deepEqual(own.flat().sort(byName), [...ofServices].sort(byName));
    for (const part of own) {
      const known = new Set([...part.map(({ name }) => name), 'KUBE-MARK-MASQ']);
      const jumps = part.flatMap(({ rules: text }) => [...text.matchAll(/ -[jg] (KUBE-\S+)/g)]);
      assert.deepEqual(
        jumps.flatMap(([, name = '']) => (known.has(name) ? [] : [name])),
        [],
      );
      assert.ok(part.every(({ table }) => table === 'nat'));
    }
  }
}

describe('compilePrepared', () => {
  for (const name of referenceCases) {
    it(`has all chains of service ports: ${name}`, () => {
      const options = { node: 'node-a', config: recordedConfig(name), nfacct: true };
      const documents = [recordedSnapshot(name)];
      const prepared = prepareObjects(documents, options);
      const compiled = compileInParts(prepared);
      assert.deepEqual(compiled.rules, compile(documents, options).rules);
      if (prepared.mode === 'iptables') assertParts(compiled);
      else assert.deepEqual(compiled.parts, []);
    });
  }

  it('has a hundred service ports in the first, and more in each that follows', () => {
    const compiled = compileInParts(prepareObjects([JSON.parse(clusterJson(600, 2))], { node: NODE }));
    assertParts(compiled);
    assert.deepEqual(
      compiled.parts.map(([family, chains]) => [family, chains.length]),
      [
        ['ipv4', 300],
        ['ipv4', 480],
        ['ipv4', 768],
        ['ipv4', 252],
      ],
    );
  });

  it('finds out late that there are few enough endpoints for comments', () => {
    const text = clusterJson(300, 2);
    // Each endpoint in two slices.
    const documents: unknown[] = [text, text.replaceAll('-x7k2p"', '-x7k2q"')].map((json): unknown => JSON.parse(json));
    const { rules, parts } = compileInParts(prepareObjects(documents, { node: NODE }));
    assert.deepEqual(rules, compile(documents, { node: NODE }).rules);
    const isCommented = ({ name, rules: text }: CompiledChain): boolean =>
      name.startsWith('KUBE-SEP-') && text.includes('--comment');
    assert.equal(parts.flatMap(([, chains]) => chains).filter(isCommented).length, 0);
    assert.equal(rules.flatMap(({ chains }) => chains).filter(isCommented).length, 600);
  });

  it("has none with a user's own templates, which are judged as a whole", () => {
    const prepared = prepareObjects([JSON.parse(clusterJson(3, 1))], { node: NODE });
    const { templates } = compileTemplates(
      new Map([['nat/KUBE-SEP.hbs', { file: 'nat/KUBE-SEP.hbs', text: '-A {{chain}} -j ACCEPT\n' }]]),
    );
    const parts: unknown[] = [];
    compilePrepared(prepared, templates, (...part) => parts.push(part));
    assert.deepEqual(parts, []);
  });
});
