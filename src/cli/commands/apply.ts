import { hasErrors } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import { HostError } from '../../host/host-error.ts';
import { Interrupted } from '../../host/iptables/apply-failed.ts';
import { carryOut } from '../../host/iptables/carry-out.ts';
import { planFamilies } from '../../host/iptables/plan-node.ts';
import { StateFile } from '../../host/iptables/state-file.ts';
import { takeLock } from '../../host/process-lock.ts';
import { guardInterrupts, INTERRUPTED_STATUS } from '../interrupts.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { NodeFlags } from '../options/node-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { ask } from '../output/ask.ts';
import { progressLine, type ProgressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { compileInput } from './compile-input.ts';
import { makePlan, type NodePlan } from './make-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import type { InputFlags } from './read-input.ts';
import { reportInput, showPlan } from './show-plan.ts';

export interface ApplyFlags extends GlobalOptions, InputFlags, RulesFlags, NodeFlags {
  readonly yes?: boolean;
  readonly allowErrors?: boolean;
  readonly diff?: boolean;
  readonly stateDir: string;
}

/** Compiles, plans, asks on a terminal, and carries the plan out. */
export async function runApply(flags: ApplyFlags): Promise<number> {
  const line = progressLine(process.stderr, 'compiling', flags.quiet !== true);
  try {
    return await guardInterrupts(async (signal) => await applyInput(flags, line, signal));
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof Interrupted)) throw error;
    await writeErr('interrupted: the node has the rules it had before\n');
    return INTERRUPTED_STATUS;
  } finally {
    line.end();
  }
}

async function applyInput(flags: ApplyFlags, line: ProgressLine, signal: AbortSignal): Promise<number> {
  // The node is opened, and read, while the input is compiled.
  const opening = openNode(flags, ipFamilies);
  opening.catch(() => {});
  const { result, note } = await compileInput(flags, ipFamilies);
  const failed = hasErrors(result.diagnostics);
  if (result.rules.length === 0 || (failed && flags.allowErrors !== true)) {
    await reportInput(result.diagnostics, note, flags);
    if (failed) await writeErr('nothing was changed; --allow-errors applies what could be compiled\n');
    return 1;
  }
  const node = await opening;
  line.say('reading the rules of the node');
  const asks = flags.yes !== true && process.stdin.isTTY && process.stderr.isTTY;
  const release = asks ? undefined : await lockNode(node, flags, line, signal);
  try {
    const made = await makePlan(node, result.rules);
    line.end();
    await writeOut(showPlan(made, flags));
    await reportInput(result.diagnostics, note, flags);
    if (isEmptyPlan(made.plan)) return failed ? 1 : 0;
    if (!asks) await load(made, flags, signal);
    else if (!(await loadIfWanted(made, flags, line, signal))) return 1;
    await writeErr(`applied${flags.netns === undefined ? '' : ` in ${flags.netns}`}; chainsmith undo takes it back\n`);
    return failed ? 1 : 0;
  } finally {
    await release?.();
  }
}

/** The lock is not held while somebody thinks; so the node is read again afterwards. */
async function loadIfWanted(
  shown: NodePlan,
  flags: ApplyFlags,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await ask('Apply these changes?'))) {
    await writeErr('nothing was changed\n');
    return false;
  }
  const release = await lockNode(shown.node, flags, line, signal);
  try {
    const made = await makePlan(shown.node, shown.desired);
    refuseOtherNode(shown, made);
    await load(made, flags, signal);
    return true;
  } finally {
    await release();
  }
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
  const { plan, node, observeMs, desired } = made;
  const line = progressLine(process.stderr, 'loading', flags.quiet !== true);
  const state = new StateFile(flags.stateDir, node.namespace.id);
  const context = { ...node, observeMs, signal, onStep: line.say };
  try {
    await carryOut(plan, state, context, ({ family }, saved) => {
      const [left] = planFamilies([{ family, saved }], desired);
      return left ?? { family, changes: [], notes: [] };
    });
  } finally {
    line.end();
  }
}

export async function lockNode(
  node: OpenNode,
  flags: NodeFlags,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  return await takeLock(`apply/${node.namespace.id}`, {
    seconds: flags.lockTimeout,
    signal,
    onWait: (holder) => line.say(`waiting for another chainsmith, process ${holder}`),
  });
}
