import type { Plan } from '../../core/plan/plan.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { observeNode, planNode, type ObservedNode } from '../../host/iptables/plan-node.ts';
import type { OpenNode } from './open-node.ts';

/** A plan and what it was made of. */
export interface NodePlan {
  readonly plan: Plan;
  readonly node: OpenNode;
  readonly observed: ObservedNode;
  readonly desired: readonly CompiledRules[];
}

export async function makePlan(node: OpenNode, desired: readonly CompiledRules[]): Promise<NodePlan> {
  const observed = await observeNode(node.runner, node.variant, node.families, node);
  return { plan: await planNode(node.runner, observed.families, desired), node, observed, desired };
}
