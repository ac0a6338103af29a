// The laws of plans on real kernels: an apply leaves nothing to do, and can be taken back to the letter.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compile } from '../../src/core/compile/compile.ts';
import { isEmptyPlan } from '../../src/core/plan/plan.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { holdsAsync } from '../support/law.ts';
import { surroundAll } from './support/foreign-rules.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { foreignPart, stateDifferences } from './support/node-state.ts';
import { printFamily } from './support/reference-cases.ts';
import { TestNode } from './support/test-node.ts';
import { useFolder } from './support/use-folder.ts';

const PREFIX = 'chainsmith-laws';

const clusters = fc.tuple(snapshots({ maxServices: 4, conflicts: true }), proxyConfigs);

function rulesOf([documents, config]: readonly [readonly unknown[], unknown]): readonly CompiledRules[] {
  return compile(documents, { config, node: 'node-a' }).rules;
}

describe('apply, of any cluster over any other', () => {
  const folder = useFolder(PREFIX);

  for (const variant of VARIANTS) {
    it(`leaves nothing to do, rules of others as they were, and can be taken back: iptables-${variant}`, async () => {
      const law = fc.asyncProperty(clusters, clusters, fc.boolean(), async (from, to, isFresh) => {
        const [old, desired] = [isFresh ? [] : rulesOf(from), rulesOf(to)];
        const node = await TestNode.create(PREFIX, variant, folder);
        try {
          await node.load(surroundAll((family) => printFamily(old, family)));
          const before = await node.state();
          const plan = await node.apply(desired);
          assert.ok(isEmptyPlan(await node.plan(desired)), 'nothing is left to do');
          assert.deepEqual(stateDifferences(foreignPart(before), foreignPart(await node.state())), []);
          await node.undo(plan);
          assert.deepEqual(stateDifferences(before, await node.state()), [], 'as before');
        } finally {
          await node.remove();
        }
      });
      await holdsAsync(law, { runs: 20 });
    });
  }
});
