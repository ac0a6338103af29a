// The applier without its command line: what a daemon does that knows its node.
import { compile } from '../../src/core/compile/compile.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { payloadText, restorePayload, type DeclarationOrder } from '../../src/core/plan/restore-payload.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { hostRunner } from '../../src/host/exec.ts';
import { carryOut } from '../../src/host/iptables/carry-out.ts';
import { observeNode, planFamilies, planNode, type ObservedNode } from '../../src/host/iptables/plan-node.ts';
import { canTestBesideRestore } from '../../src/host/iptables/restore.ts';
import { StateFile } from '../../src/host/iptables/state-file.ts';
import type { Variant } from '../../src/host/iptables/tools.ts';
import { openNetworkNamespace } from '../../src/host/network-namespace.ts';
import { NODE, POD_RANGE } from './cluster.ts';
import { RecordingRunner } from './recording-runner.ts';

export const TIMES = { timeoutMs: 600_000, lockSeconds: 60 };

export function rulesOf(document: unknown): readonly CompiledRules[] {
  return compile([document], { node: NODE, config: { clusterCIDR: POD_RANGE } }).rules;
}

export async function readNode(netns: string, variant: Variant): Promise<ObservedNode> {
  const { runner, close } = await openNetworkNamespace(hostRunner, netns);
  const observed = await observeNode(runner, variant, ['ipv4', 'ipv6'], TIMES);
  await close();
  return observed;
}

export interface SessionTimes {
  /** Milliseconds, all of them. */
  readonly total: number;
  readonly inProcess: number;
  readonly restore: number;
}

/** Plans and applies on a node whose rules are known, and reads back what was written. */
export async function applyKnown(
  netns: string,
  variant: Variant,
  known: ObservedNode,
  desired: readonly CompiledRules[],
  stateDir: string,
): Promise<SessionTimes> {
  const { runner: inner, identity, close } = await openNetworkNamespace(hostRunner, netns);
  const testsBeside = await canTestBesideRestore(inner, variant);
  const start = performance.now();
  const runner = new RecordingRunner(inner);
  const plan = await planNode(runner, known, desired);
  const context = { ...TIMES, runner, variant, observed: known.families, observeMs: known.observeMs, testsBeside };
  await carryOut(plan, new StateFile(stateDir, identity), context, ({ family }, saved) => {
    const [left] = planFamilies([{ family, saved }], desired);
    if (left === undefined) throw new Error(`no rules for ${family}`);
    return left;
  });
  const total = performance.now() - start;
  await close();
  return { total, inProcess: total - runner.busy(), restore: runner.restoring() };
}

/** What the restore tools read to carry out a plan, by family; nothing for a family without changes. `listFirst` as the applier has it. */
export function payloadsOf(
  plan: Pick<Plan, 'families'>,
  listFirst: boolean,
  order: DeclarationOrder = 'by-hash',
): { readonly [family: string]: string } {
  const texts = plan.families.map(({ family, changes }) => {
    return [family, payloadText(restorePayload(changes, { listFirst, order }))] as const;
  });
  return Object.fromEntries(texts.filter(([, text]) => text !== ''));
}
