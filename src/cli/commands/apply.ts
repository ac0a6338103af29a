import { hasErrors } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import type { Verify } from '../../host/iptables/apply-plan.ts';
import { HostError } from '../../host/host-error.ts';
import { planFamilies } from '../../host/iptables/plan-node.ts';
import { guardInterrupts } from '../interrupts.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { NodeFlags } from '../options/node-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { ask, canAsk } from '../output/ask.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { appliedNote } from './applied-note.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { compileInput, type CompiledInput } from './compile-input.ts';
import { loadPlan } from './load-plan.ts';
import { makePlan, type NodePlan } from './make-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { otherVariantNote } from './other-variant-note.ts';
import type { InputFlags } from './read-input.ts';
import { reportInput, showPlan } from './show-plan.ts';
import { withNodeLock } from './with-node-lock.ts';

export interface ApplyFlags extends GlobalOptions, InputFlags, RulesFlags, NodeFlags {
  readonly yes?: boolean;
  readonly allowErrors?: boolean;
  readonly diff?: boolean;
  readonly stateDir: string;
}

/** Options that mean something beside a plan file; all others would shape rules, and those of a plan are made. */
const WITH_A_PLAN: ReadonlySet<string> = new Set(
  '--netns --variant --lock-timeout --command-timeout --yes --state-dir --diff --color --quiet --verbose --silence'.split(
    ' ',
  ),
);

/** Carries out a plan file, or compiles, plans, asks on a terminal, and carries that out. */
export async function runApply(
  planFile: string | undefined,
  flags: ApplyFlags,
  given: readonly string[],
): Promise<number> {
  refuseBadNodeName(flags.node);
  const needless = given.find((flag) => !WITH_A_PLAN.has(flag));
  if (planFile !== undefined && needless !== undefined) {
    throw new UsageError(`a plan file holds what is to be done; leave ${needless} out`, `chainsmith apply ${planFile}`);
  }
  return await guardInterrupts(async (signal) => {
    if (planFile === undefined) return await applyInput(flags, signal);
    const { applyPlanFile } = await import('./apply-plan-file.ts');
    return await applyPlanFile(planFile, flags, signal);
  });
}

async function applyInput(flags: ApplyFlags, signal: AbortSignal): Promise<number> {
  const { quiet } = flags;
  // What the node has is found out while the input is compiled.
  const opening = openNode(flags, ipFamilies);
  opening.catch(() => {});
  const line = progressLine(process.stderr, 'compiling', quiet !== true);
  const input = await compileInput(flags, ipFamilies).finally(line.end);
  if (!(await isGood(input, flags))) return 1;
  const node = await opening;
  await writeErr(await otherVariantNote(node, flags));
  if (canAsk(flags)) return await askAndLoad(node, input, flags, signal);
  return await withNodeLock(node, { quiet, signal }, async () => {
    const made = await planAndShow(node, input, flags);
    if (!isEmptyPlan(made.plan)) await load(made, flags, signal);
    return 0;
  });
}

/** A Service that cannot be read would lose its rules: so the whole input must be good, unless the user insists. */
async function isGood({ result, note }: CompiledInput, flags: ApplyFlags): Promise<boolean> {
  const failed = hasErrors(result.diagnostics);
  if (result.rules.length > 0 && (!failed || flags.allowErrors === true)) return true;
  await reportInput(result.diagnostics, note, flags);
  if (result.rules.length === 0) await writeErr('nothing was changed\n');
  else await writeErr('nothing was changed; --allow-errors applies what could be compiled\n');
  return false;
}

/** The lock is not held while somebody thinks; so the node is read again afterwards. */
async function askAndLoad(
  node: OpenNode,
  input: CompiledInput,
  flags: ApplyFlags,
  signal: AbortSignal,
): Promise<number> {
  const shown = await planAndShow(node, input, flags);
  if (isEmptyPlan(shown.plan)) return 0;
  if (!(await ask('Apply these changes?'))) {
    await writeErr('nothing was changed\n');
    return 1;
  }
  return await withNodeLock(node, { quiet: flags.quiet, signal }, async () => {
    const made = await makePlan(node, input.result.rules);
    refuseOtherNode(shown, made);
    await load(made, flags, signal);
    return 0;
  });
}

async function planAndShow(node: OpenNode, { result, note }: CompiledInput, flags: ApplyFlags): Promise<NodePlan> {
  const line = progressLine(process.stderr, 'reading the rules of the node', flags.quiet !== true);
  const made = await makePlan(node, result.rules).finally(line.end);
  await writeOut(showPlan(made, flags));
  await reportInput(result.diagnostics, note, flags);
  return made;
}

/** What was agreed to is what is done, or nothing. */
function refuseOtherNode(shown: NodePlan, found: NodePlan): void {
  const prints = ({ observed }: NodePlan): string => observed.map(({ saved }) => fingerprint(saved)).join();
  if (prints(shown) === prints(found)) return;
  throw new HostError('the rules of the node have changed while you were asked; nothing was changed', {
    advice: 'run it again to see what is to be done now',
  });
}

async function load(made: NodePlan, flags: ApplyFlags, signal: AbortSignal): Promise<void> {
  const { plan, node, observed, observeMs, desired } = made;
  const verify: Verify = ({ family }, saved) => {
    const [left] = planFamilies([{ family, saved }], desired);
    return left ?? { family, changes: [], notes: [] };
  };
  await loadPlan(plan, node, { stateDir: flags.stateDir, quiet: flags.quiet, signal, observed, observeMs, verify });
  if (flags.quiet !== true) await writeErr(appliedNote(flags));
}
