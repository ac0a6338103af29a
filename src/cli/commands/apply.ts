import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { canonicalRule } from '../../core/parse/iptables-save/canonical-rule.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import { planFamilies } from '../../host/iptables/plan-node.ts';
import { applyPlan, describe, type ApplyContext, type Verify } from '../../host/iptables/apply-plan.ts';
import { StateFile } from '../../host/iptables/state-file.ts';
import { takeLock } from '../../host/process-lock.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { nameFlags } from '../options/name-flags.ts';
import type { NodeFlags } from '../options/node-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printReport } from '../output/print-report.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { makePlan, type MadePlan } from './make-plan.ts';
import type { InputFlags } from './read-input.ts';

export interface ApplyFlags extends GlobalOptions, InputFlags, RulesFlags, NodeFlags {
  readonly yes?: boolean;
  readonly stateDir: string;
}

export async function runApply(flags: ApplyFlags): Promise<number> {
  const line = progressLine(process.stderr, 'compiling', flags.quiet !== true);
  try {
    const made = await makePlan(flags, line.say);
    if (!('plan' in made)) return await refuse(made.diagnostics, flags);
    if (isEmptyPlan(made.plan)) {
      await writeOut('No changes.\n');
      return 0;
    }
    await carryOut(made, flags, line.say);
    return 0;
  } finally {
    line.end();
  }
}

async function carryOut(
  { plan, node, observed, desired }: MadePlan,
  flags: ApplyFlags,
  onStep: (s: string) => void,
): Promise<void> {
  const release = await takeLock(`apply/${node.namespace.id}`, { seconds: flags.lockTimeout });
  const state = new StateFile(flags.stateDir, node.namespace.id);
  try {
    await state.writePending({ plan });
    const context: ApplyContext = { ...node, canonical: canonicalRule, observeMs: observed.observeMs, onStep };
    const verify: Verify = (family, saved) => planFamilies([{ family, saved }], desired).flatMap(describe);
    await applyPlan(plan, context, verify);
    await state.keepPending();
  } finally {
    await release();
  }
}

async function refuse(diagnostics: readonly Diagnostic[], flags: ApplyFlags): Promise<number> {
  const named = nameFlags(diagnostics, { ...flags });
  await writeErr(printReport(named, { paint: paint(wantsColor(flags.color, process.stderr)) }));
  return hasErrors(named) ? 1 : 0;
}
