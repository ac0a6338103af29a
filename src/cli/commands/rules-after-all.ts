import type { Plan } from '../../core/plan/plan.ts';
import { rulesAfter } from '../../core/plan/rules-after.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { Observation } from '../../host/iptables/observe.ts';

/** What the node has after a plan whose input is not at hand. */
export function rulesAfterAll(plan: Plan, observed: readonly Observation[]): readonly CompiledRules[] {
  return plan.families.flatMap((family) => {
    const found = observed.find((o) => o.family === family.family);
    return found === undefined ? [] : [rulesAfter(family, found.saved)];
  });
}
