import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { observeNode, planNode } from '../../host/iptables/plan-node.ts';
import type { OpenNode } from './open-node.ts';
import type { PlanBasis } from './show-plan.ts';

export interface NodePlan extends PlanBasis {
  readonly node: OpenNode;
  /** How long reading the node took. */
  readonly observeMs: number;
}

/** Reads the node, and compares. */
export async function makePlan(node: OpenNode, desired: readonly CompiledRules[]): Promise<NodePlan> {
  const { families: observed, observeMs } = await observeNode(node.runner, node.variant, node.families, node);
  return { plan: await planNode(node.runner, observed, desired), node, observed, observeMs, desired };
}
