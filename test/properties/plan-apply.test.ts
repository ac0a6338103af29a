import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { planFamily } from '../../src/core/plan/plan-family.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { CLUSTER_CIDR } from '../support/compiled.ts';
import { foreignDumps, withForeign } from '../support/foreign-rules.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { planLawFaults } from '../support/plan-laws.ts';
import { planOptions } from '../support/plan-options.ts';

function rulesOf(documents: readonly unknown[], config: JsonObject = CLUSTER_CIDR): readonly CompiledRules[] {
  return compile(documents, { config, node: 'node-a' }).rules;
}

function saved(rules: CompiledRules): SavedRules {
  return splitSave(printRules(rules)).saved;
}

const LISTS = /^-A (KUBE-SERVICES|KUBE-NODEPORTS|KUBE-EXTERNAL-SERVICES|KUBE-PROXY-FIREWALL) .* --dport /;

/** The lists of Services with the last Service first, as the random order of a Go map can be. */
function servicesReversed(dump: string): string {
  const lines = dump.split('\n');
  const runs = new Map<string, number[]>();
  let table = '';
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('*')) table = line;
    const chain = LISTS.exec(line)?.[1];
    if (chain !== undefined) runs.set(table + chain, [...(runs.get(table + chain) ?? []), i]);
  }
  for (const places of runs.values()) {
    const groups = new Map<string, string[]>();
    for (const line of places.map((i) => lines[i] ?? '')) {
      groups.set(serviceName(line), [...(groups.get(serviceName(line)) ?? []), line]);
    }
    const reversed = [...groups.values()].reverse().flat();
    for (const [n, i] of places.entries()) lines[i] = reversed[n] ?? '';
  }
  return lines.join('\n');
}

function serviceName(line: string): string {
  return /--comment "(\S+?)[ "]/.exec(line)?.[1] ?? '';
}

describe('a plan', () => {
  it('leads from any rules to any others, leaves all else alone, and can be taken back', () => {
    const clusters = fc.tuple(snapshots({ conflicts: true }), snapshots({ conflicts: true }));
    const law = fc.property(clusters, fc.tuple(proxyConfigs, proxyConfigs), foreignDumps, (pair, configs, foreign) => {
      const [from, to] = [rulesOf(pair[0], configs[0]), rulesOf(pair[1], configs[1])];
      for (const [i, desired] of to.entries()) {
        const before = from[i];
        if (before === undefined) continue;
        const current = withForeign(printRules(before), foreign);
        const plan = planFamily(current, desired, planOptions);
        assert.deepEqual(planLawFaults({ current, desired }, plan), []);
      }
    });
    holds(law, { runs: 150 });
  });

  it('leads from a bare node to any rules', () => {
    const law = fc.property(snapshots({ conflicts: true }), foreignDumps, (documents, foreign) => {
      for (const desired of rulesOf(documents)) {
        const current = withForeign('', foreign);
        const plan = planFamily(current, desired, planOptions);
        assert.deepEqual(planLawFaults({ current, desired }, plan), []);
      }
    });
    holds(law, { runs: 60 });
  });

  it('is empty where the rules are there, whatever the order of Services and foreign rules behind ours', () => {
    const law = fc.property(snapshots({ conflicts: true }), foreignDumps, (documents, foreign) => {
      for (const desired of rulesOf(documents)) {
        const dump = servicesReversed(printRules(desired));
        const current = withForeign(dump, { ...foreign, before: [], damage: [] });
        assert.deepEqual(planFamily(current, desired, planOptions).changes, []);
        const again = planFamily(saved(desired), desired, planOptions);
        assert.deepEqual(again, { family: desired.family, changes: [], notes: [] });
      }
    });
    holds(law, { runs: 60 });
  });
});
