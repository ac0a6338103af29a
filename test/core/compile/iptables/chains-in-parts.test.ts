// The chains of service ports before all are compiled: whole chains, and with each all that it jumps to.
import assert from 'node:assert/strict';
import { compileMeaning } from '../../../../src/core/compile/compile.ts';
import { readMeaning, type Meaning } from '../../../../src/core/compile/read-meaning.ts';
import type { IpFamily } from '../../../../src/core/model/ip.ts';
import { compileTemplates } from '../../../../src/core/render/compile-template.ts';
import type { CompiledChain, CompiledRules } from '../../../../src/core/ruleset/compiled-rules.ts';
import { clusterJson, NODE } from '../../../../scripts/benchmark/cluster.ts';
import { recordedConfig, recordedSnapshot, referenceCases } from '../../../support/recordings.ts';

type Part = readonly [IpFamily, readonly CompiledChain[]];

function compileInParts(meaning: Meaning): {
  readonly rules: readonly CompiledRules[];
  readonly parts: readonly Part[];
} {
  const parts: Part[] = [];
  const { rules } = compileMeaning(meaning, undefined, (family, chains) => parts.push([family, chains]));
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

describe('compileMeaning, in parts', () => {
  for (const name of referenceCases) {
    it(`has all chains of service ports: ${name}`, () => {
      const meaning = readMeaning([recordedSnapshot(name)], {
        node: 'node-a',
        config: recordedConfig(name),
        nfacct: true,
      });
      if (meaning.mode === 'iptables') assertParts(compileInParts(meaning));
      else assert.deepEqual(compileInParts(meaning).parts, []);
    });
  }

  it('has some hundred service ports in each', () => {
    const compiled = compileInParts(readMeaning([JSON.parse(clusterJson(600, 2))], { node: NODE }));
    assertParts(compiled);
    assert.deepEqual(
      compiled.parts.map(([family, chains]) => [family, chains.length]),
      [
        ['ipv4', 750],
        ['ipv4', 750],
        ['ipv4', 300],
      ],
    );
  });

  it("has none with a user's own templates, which are judged as a whole", () => {
    const meaning = readMeaning([JSON.parse(clusterJson(3, 1))], { node: NODE });
    const { templates } = compileTemplates(
      new Map([['nat/KUBE-SEP.hbs', { file: 'nat/KUBE-SEP.hbs', text: '-A {{chain}} -j ACCEPT\n' }]]),
    );
    const parts: unknown[] = [];
    compileMeaning(meaning, templates, (...part) => parts.push(part));
    assert.deepEqual(parts, []);
  });
});
