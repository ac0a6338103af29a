import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { observeNode, planNode, type ObservedNode } from '../../host/iptables/plan-node.ts';
import type { NodeFlags } from '../options/node-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { compileInput } from './compile-input.ts';
import { openNode, type OpenNode } from './open-node.ts';
import type { InputFlags } from './read-input.ts';

export interface MadePlan {
  readonly plan: Plan;
  readonly node: OpenNode;
  readonly observed: ObservedNode;
  readonly desired: readonly CompiledRules[];
  readonly diagnostics: readonly Diagnostic[];
  /** Lines for people, each with a newline. */
  readonly note: string;
}

/** Compiles the input, reads the node, and compares. Without rules to compare with, there is no plan. */
export async function makePlan(
  flags: InputFlags & RulesFlags & NodeFlags,
  onStep: (step: string) => void,
): Promise<MadePlan | { readonly diagnostics: readonly Diagnostic[]; readonly note: string }> {
  onStep('compiling');
  const { result, note } = await compileInput(flags, ipFamilies);
  if (result.rules.length === 0) return { diagnostics: result.diagnostics, note };
  onStep('reading the rules of the node');
  const node = await openNode(flags, ipFamilies);
  const observed = await observeNode(node.runner, node.variant, node.families, node);
  onStep('comparing');
  const plan = await planNode(node.runner, observed.families, result.rules);
  return { plan, node, observed, desired: result.rules, diagnostics: result.diagnostics, note };
}
