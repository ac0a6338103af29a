import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { observeNode, planNode, type ObservedNode } from '../../host/iptables/plan-node.ts';
import { observeIpvs } from '../../host/ipvs/observe-ipvs.ts';
import type { OpenNode } from './open-node.ts';
import type { PlanBasis } from './show-plan.ts';

export async function readNode({ runner, variant, families, timeoutMs }: OpenNode): Promise<ObservedNode> {
  return await observeNode(runner, variant, families, { timeoutMs, refusesOpenQuotes: true });
}

export interface NodePlan extends PlanBasis {
  readonly node: OpenNode;
  /** How long reading the node took. */
  readonly observeMs: number;
}

/** Reads the node, or takes what is being read of it, and compares. */
export async function makePlan(
  node: OpenNode,
  desired: readonly CompiledRules[],
  reading: Promise<ObservedNode> = readNode(node),
): Promise<NodePlan> {
  const read = await reading;
  const { families: observed, observeMs } = read;
  // First: asking for it loads the kernel's modules, without which there are no settings of IPVS.
  const ipvs = await observeIpvs(node.kubeIpvs(), desired, observed);
  const plan = await planNode(node.runner, read, desired, ipvs);
  return { plan, node, observed, observeMs, desired, ...(ipvs === undefined ? {} : { ipvs }) };
}
