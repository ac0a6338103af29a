import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src/core/plan/plan.ts';
import { readPlanDocument } from '../../src/core/plan/document/read-plan-document.ts';
import { findPlanCases, PLAN_INPUTS, producePlan } from '../support/golden-plan.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { planLawFaults } from '../support/plan-laws.ts';
import { judgeText, keepActual } from './run.ts';

/** A file does not say which built-in chains the node lacks; the node does. */
function kept(plan: Plan | undefined): unknown {
  return JSON.parse(JSON.stringify(plan));
}

const root = join(goldenRoot, 'plan');
const actual = join(goldenRoot, '.actual', 'plan');

describe('golden plans', () => {
  const cases = findPlanCases(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length >= 25, `only ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    describe(name, () => {
      const output = producePlan(root, name);
      before(() => keepActual(join(actual, name), output.files));

      it('is told as expected', () => {
        const faults = judgeText(join(root, name), output.files, PLAN_INPUTS);
        if (faults.length > 0) assert.fail(faults.join('\n\n'));
      });
      if (output.families.length === 0) return;
      it('makes the node what it should be, leaves all else alone, and can be taken back', () => {
        for (const [i, family] of output.families.entries()) {
          const plan = output.plan.families[i];
          assert.ok(plan !== undefined);
          assert.deepEqual(planLawFaults(family, plan), []);
        }
      });
      it('can be kept in a file', () => {
        const { document, diagnostics } = readPlanDocument(output.files.get('plan.json') ?? '');
        assert.deepEqual(diagnostics, []);
        assert.deepEqual(kept(document?.plan), kept(output.plan));
      });
    });
  }
});
