import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseRule } from '../../src/core/parse/iptables-save/parse-rule.ts';
import type { PlanOptions } from '../../src/core/plan/plan-family.ts';

/** The planner with the real parser. */
export const planOptions: PlanOptions = {
  canonical: canonicalRule,
  readRule: (line, family) => parseRule(line, family).rule,
};
