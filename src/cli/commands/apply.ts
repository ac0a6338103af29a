import { setImmediate as nextTurn } from 'node:timers/promises';
import { compiledModes } from '../../core/compile/read-meaning.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { ipvsFingerprint } from '../../core/plan/ipvs/fingerprint-ipvs.ts';
import type { IpvsPlan } from '../../core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { planIpvs } from '../../core/plan/ipvs/plan-ipvs.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import type { Verify } from '../../host/iptables/apply-plan.ts';
import { HostError } from '../../host/host-error.ts';
import { settleKilled } from '../../host/iptables/killed-apply.ts';
import { planFamilies } from '../../host/iptables/plan-node.ts';
import { StateFile } from '../../host/iptables/state-file.ts';
import type { StreamedRestore } from '../../host/iptables/streamed-restore.ts';
import { guardInterrupts } from '../interrupts.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { withOneMode, type ModeFlags } from '../options/mode-option.ts';
import type { DrainFlags, NodeFlags } from '../options/node-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { ask, canAsk } from '../output/ask.ts';
import { progressLine } from '../output/progress-line.ts';
import { notShown, writeErr, writeOut, writeOutFirst } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { appliedNote } from './applied-note.ts';
import { deleteStaleConnections } from './apply-conntrack.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { readToCompile, type CompiledInput, type ReadInput } from './compile-input.ts';
import { loadPlan, type LoadOptions } from './load-plan.ts';
import { makePlan, readNode, type NodePlan } from './make-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { otherVariantNote } from './other-variant-note.ts';
import type { InputFlags } from './read-input.ts';
import type { ProofExtent } from './prove-rules.ts';
import { reportInput, showPlan } from './show-plan.ts';
import { beginStream, prepareStream } from './stream-chains.ts';
import { withNodeLock } from './with-node-lock.ts';

export interface ApplyFlags extends GlobalOptions, InputFlags, RulesFlags, NodeFlags, DrainFlags, ModeFlags {
  readonly yes?: boolean;
  readonly allowErrors?: boolean;
  readonly diff?: boolean;
  readonly stateDir: string;
  /** Delete stale connections when the rules are loaded. */
  readonly conntrack?: boolean;
  /** Undefined: `full` with --templates, else nothing. */
  readonly verify?: ProofExtent | false;
}

/** Options that mean something beside a plan file; all others would shape rules, and those of a plan are made. */
const WITH_A_PLAN: ReadonlySet<string> = new Set(
  '--netns --variant --executor --lock-timeout --command-timeout --drain-timeout --yes --allow-errors --state-dir --diff --color --quiet --verbose --silence'.split(
    ' ',
  ),
);

/** Carries out a plan file, or compiles, plans, asks on a terminal, and carries that out. */
export async function runApply(
  planFile: string | undefined,
  asked: ApplyFlags,
  given: readonly string[],
): Promise<number> {
  const flags = withOneMode(asked);
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
  // What the node has is found out while the input is read.
  const opening = openNode(flags, ipFamilies);
  opening.catch(() => {});
  const line = progressLine(process.stderr, 'compiling', flags.quiet !== true);
  const read = await readToCompile(flags, compiledModes).finally(line.end);
  const node = await opening;
  return await (canAsk(flags) ? askAndLoad : loadAtOnce)(node, read, flags, signal);
}

/** The tools read the node while this process compiles. */
async function loadAtOnce(
  node: OpenNode,
  { objects, prepare }: ReadInput,
  flags: ApplyFlags,
  signal: AbortSignal,
): Promise<number> {
  return await withNodeLock(node, { quiet: flags.quiet, signal }, async () => {
    const reading = readNode(node);
    reading.catch(() => {});
    await nextTurn();
    const streamed = proofExtent(flags) === false ? await prepareStream(node, objects, flags.stateDir) : undefined;
    try {
      const prepared = prepare(ipFamilies);
      if (streamed !== undefined) await beginStream(streamed, prepared, reading);
      const note = otherVariantNote(node, flags);
      note.catch(() => {});
      const input = prepared.compile((family, chains) => streamed?.add(family, chains));
      if (!(await isGood(input, flags))) return 1;
      const made = await makePlan(node, input.result.rules, reading);
      await writeErr(await note);
      await reportInput(input.result.diagnostics, input.note, flags);
      await refuseUnproved(made, input, flags);
      if (isEmptyPlan(made.plan)) {
        await writeOut(showPlan(made, flags));
        await settle(made, flags);
      } else await loadShowing(made, flags, signal, streamed);
      await deleteStaleConnections(node, input.meaning(), flags);
      return 0;
    } finally {
      await streamed?.abandon();
    }
  });
}

async function settle({ node, observed, ipvs }: NodePlan, { stateDir }: ApplyFlags): Promise<void> {
  const state = new StateFile(stateDir, node.namespace.identity);
  await settleKilled(state, { ...node, found: { families: observed, ipvs } });
}

/** It takes a while to put a large plan into words: meanwhile the tools test it, or the kernel takes what they have read already. */
async function loadShowing(
  made: NodePlan,
  flags: ApplyFlags,
  signal: AbortSignal,
  streamed: StreamedRestore | undefined,
): Promise<void> {
  let shown: Promise<void> | undefined;
  const show = async (): Promise<void> => await (shown ??= writeOut(showPlan(made, flags)));
  if (streamed === undefined) return await load(made, flags, signal, { whileTesting: show });
  const whileLoading = (): void => void show().catch(() => {});
  await load(made, flags, signal, { whileLoading, streamed }).catch(async (error: unknown) => {
    await show().catch(() => {});
    throw error;
  });
  await show().catch(notShown('the rules were loaded'));
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
  { prepare }: ReadInput,
  flags: ApplyFlags,
  signal: AbortSignal,
): Promise<number> {
  const input = prepare(ipFamilies).compile();
  if (!(await isGood(input, flags))) return 1;
  await writeErr(await otherVariantNote(node, flags));
  const line = progressLine(process.stderr, 'reading the rules of the node', flags.quiet !== true);
  const shown = await makePlan(node, input.result.rules).finally(line.end);
  await writeOutFirst(showPlan(shown, flags));
  await reportInput(input.result.diagnostics, input.note, flags);
  if (isEmptyPlan(shown.plan)) {
    await withNodeLock(node, { quiet: flags.quiet, signal }, async () => await settle(shown, flags));
    await deleteStaleConnections(node, input.meaning(), flags, async (question) => await ask(question, signal));
    return 0;
  }
  await refuseUnproved(shown, input, flags);
  if (!(await ask('Apply these changes?', signal))) {
    await writeErr('nothing was changed\n');
    return 1;
  }
  return await withNodeLock(node, { quiet: flags.quiet, signal }, async () => {
    const made = await makePlan(node, input.result.rules);
    refuseOtherNode(shown, made);
    await load(made, flags, signal);
    await deleteStaleConnections(node, input.meaning(), flags);
    return 0;
  });
}

function proofExtent({ verify, templates }: ApplyFlags): ProofExtent | false {
  return verify ?? (templates === undefined ? false : 'full');
}

async function refuseUnproved(made: NodePlan, input: CompiledInput, flags: ApplyFlags): Promise<void> {
  const extent = proofExtent(flags);
  if (extent === false) return;
  const { provePlan } = await import('./prove-rules.ts');
  const basis = { meaning: input.meaning(), ipvsConfig: input.ipvsConfig() };
  if (await provePlan(made, basis, flags, extent)) return;
  throw new HostError('the node would not do what the Services say; nothing was changed', {
    advice: '--no-verify loads the rules all the same',
  });
}

/** What was agreed to is what is done, or nothing. */
function refuseOtherNode(shown: NodePlan, found: NodePlan): void {
  const prints = ({ observed, ipvs }: NodePlan): string =>
    [...observed.map(({ saved }) => fingerprint(saved)), ipvs === undefined ? '' : ipvsFingerprint(ipvs)].join();
  if (prints(shown) === prints(found)) return;
  throw new HostError('the rules of the node have changed while you were asked; nothing was changed', {
    advice: 'run it again to see what is to be done now',
  });
}

async function load(
  made: NodePlan,
  flags: ApplyFlags,
  signal: AbortSignal,
  more: Pick<LoadOptions, 'whileTesting' | 'whileLoading' | 'streamed'> = {},
): Promise<void> {
  const { plan, node, observed, observeMs, desired, ipvs: state } = made;
  const verify: Verify = ({ family }, saved) => {
    const [left] = planFamilies([{ family, saved }], desired);
    return left ?? { family, changes: [], notes: [] };
  };
  const planned = desired.filter(({ family }) => observed.some((o) => o.family === family));
  const verifyIpvs = (now: IpvsState): IpvsPlan => planIpvs(now, planned, []);
  const ipvs = state === undefined ? undefined : { state, verify: verifyIpvs, drainSeconds: flags.drainTimeout };
  const { stateDir, quiet } = flags;
  await loadPlan(plan, node, { ...more, stateDir, quiet, signal, observed, observeMs, verify, ipvs });
  if (flags.quiet !== true) await writeErr(appliedNote(flags));
}
