import { ipFamilies } from '../../core/model/ip.ts';
import type { PlanDocument } from '../../core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { remainingIpvs } from '../../core/plan/ipvs/compare-ipvs.ts';
import { changedItemsHash } from '../../core/plan/ipvs/fingerprint-ipvs.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { chainNames, missingTargets } from '../../core/plan/missing-targets.ts';
import { isEmptyPlan, type FamilyPlan, type Plan, type SysctlChange } from '../../core/plan/plan.ts';
import { ruleLines, targetOf } from '../../core/plan/rule-lines.ts';
import { withDependents } from '../../core/plan/with-dependents.ts';
import { HostError } from '../../host/host-error.ts';
import { ApplyFailed } from '../../host/iptables/apply-failed.ts';
import { applyPlan, inEffect } from '../../host/iptables/apply-plan.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import { observeNode } from '../../host/iptables/plan-node.ts';
import { StateFile, type StoredState } from '../../host/iptables/state-file.ts';
import { writtenChainsHash } from '../../host/iptables/way-back.ts';
import type { DrainReport } from '../../host/ipvs/drain.ts';
import type { IpvsContext } from '../../host/ipvs/ipvs-run.ts';
import { readSysctl } from '../../host/sysctl.ts';
import { guardInterrupts, writesFromHere } from '../interrupts.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { DrainFlags, NodeFlags } from '../options/node-options.ts';
import { samePlace } from '../options/same-place.ts';
import { ask, canAsk } from '../output/ask.ts';
import { drainText } from '../output/drain-text.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOutFirst } from '../output/streams.ts';
import { ipvsContext } from './load-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { rulesAfterAll } from './rules-after-all.ts';
import { showPlan } from './show-plan.ts';
import { withNodeLock } from './with-node-lock.ts';

export interface UndoFlags extends GlobalOptions, NodeFlags, DrainFlags {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly diff?: boolean;
  readonly stateDir: string;
}

export async function runUndo(flags: UndoFlags): Promise<number> {
  return await guardInterrupts(async (signal) => {
    // Which variant the apply used, the state says; until then any will do.
    const opened = await openNode({ ...flags, variant: 'nft' }, ipFamilies);
    const state = new StateFile(flags.stateDir, opened.namespace.identity);
    return await withNodeLock(opened, { quiet: flags.quiet, signal }, async () => {
      const { document, stored } = await readState(state, flags);
      const changed = new Set(document.plan.families.map(({ family }) => family));
      const families = opened.families.filter((family) => changed.has(family));
      const node: OpenNode = { ...opened, variant: document.variant, families };
      return await undo(node, state, { document, stored, flags, signal });
    });
  });
}

interface Undo {
  readonly document: PlanDocument;
  readonly stored: StoredState;
  readonly flags: UndoFlags;
  readonly signal: AbortSignal;
}

async function undo(node: OpenNode, state: StateFile, { document, stored, flags, signal }: Undo): Promise<number> {
  const { families: observed, observeMs } = await observeNode(node.runner, node.variant, node.families, node);
  const ipvs = document.plan.ipvs === undefined ? undefined : await node.kubeIpvs().observe(false);
  if (stored.kind === 'last' && flags.force !== true) refuseChanged(stored, { document, observed, ipvs, flags });
  const plan = { ...leftToUndo(document.plan, observed, ipvs), sysctls: await sysctlsLeft(document.plan, node) };
  const { quiet } = flags;
  await writeOutFirst(showPlan({ plan, observed, desired: rulesAfterAll(plan, observed) }, flags));
  if (!isEmptyPlan(plan)) {
    if (canAsk(flags) && !(await ask('Undo the last apply?', signal))) {
      await writeErr('nothing was changed\n');
      return 1;
    }
    const drained: DrainReport[] = [];
    const given = ipvs === undefined ? undefined : { state: ipvs, drainSeconds: flags.drainTimeout };
    const context = ipvsContext(given, node, drained);
    await goBack(plan, state, stored, { node, observed, observeMs, quiet, signal, ipvs: context });
    await writeErr(drainText(drained, quiet === true));
  }
  await state.dropPending();
  await state.dropLast();
  if (quiet !== true) await writeErr('undone\n');
  return 0;
}

interface GoBack {
  readonly node: OpenNode;
  readonly observed: readonly Observation[];
  readonly observeMs: number;
  readonly quiet: boolean | undefined;
  readonly signal: AbortSignal;
  readonly ipvs: IpvsContext | undefined;
}

/** What was stored stays until the node is back: so an undo that is killed, or fails, can be run again. */
async function goBack(plan: Plan, state: StateFile, stored: StoredState, options: GoBack): Promise<void> {
  const { node, observed, observeMs, quiet, signal, ipvs } = options;
  const line = progressLine(process.stderr, 'loading', quiet !== true);
  writesFromHere(signal);
  if (stored.kind === 'last') await state.demoteLast();
  try {
    await applyPlan(plan, { ...node, observed, observeMs, signal, onStep: line.say, ipvs }, inEffect);
  } catch (error) {
    const isBack = error instanceof ApplyFailed && error.outcome.kind !== 'not-restored';
    if (stored.kind === 'last' && isBack) await state.promotePending();
    throw error;
  } finally {
    line.end();
  }
}

async function sysctlsLeft({ sysctls }: Plan, { runner }: OpenNode): Promise<readonly SysctlChange[]> {
  const left: SysctlChange[] = [];
  for (const change of sysctls) {
    const previous = await readSysctl(runner, change.key);
    if (previous !== change.next) left.push({ ...change, previous });
  }
  return left;
}

async function readState(
  state: StateFile,
  { stateDir }: UndoFlags,
): Promise<{ readonly document: PlanDocument; readonly stored: StoredState }> {
  const stored = await state.read();
  if (stored === undefined) {
    throw new HostError(
      `there is nothing to undo: ${stateDir} has no apply in this network namespace since the last boot that is not undone yet`,
      {
        advice: 'only the last apply can be undone, and once; was it run with another --state-dir or --netns?',
      },
    );
  }
  const { document, diagnostics } = readPlanDocument(stored.document, { file: stored.path });
  if (document !== undefined) return { document, stored };
  throw new HostError(`${stored.path} is damaged`, { details: diagnostics.map(({ message }) => message) });
}

interface Found {
  readonly document: PlanDocument;
  readonly observed: readonly Observation[];
  readonly ipvs: IpvsState | undefined;
  readonly flags: UndoFlags;
}

function refuseChanged({ fingerprint: after }: StoredState, { document, observed, ipvs, flags }: Found): void {
  const { plan } = document;
  const isIpvsChanged =
    plan.ipvs !== undefined && ipvs !== undefined && after['ipvs'] !== undefined
      ? after['ipvs'] !== changedItemsHash(plan.ipvs, ipvs)
      : false;
  const changed = observed.filter(({ family, saved }) => {
    const back = plan.families.find((f) => f.family === family);
    return back !== undefined && after[family] !== undefined && after[family] !== writtenChainsHash(back, saved);
  });
  if (changed.length === 0 && !isIpvsChanged) return;
  const what = changed.length > 0 ? 'chains' : 'virtual servers, sets or addresses';
  throw new HostError(`${what} that the last apply wrote have changed since; nothing was changed`, {
    advice:
      'kube-proxy may be running, or chainsmith cleanup has run; --force takes back what was changed since as well: ' +
      `chainsmith undo${samePlace(flags)} --force --diff shows it on a terminal, and asks`,
  });
}

/** Only what is not as it was before already, and what has to go with it. */
function leftToUndo(plan: Plan, observed: readonly Observation[], state: IpvsState | undefined): Plan {
  const blocked: string[] = [];
  const missing: string[] = [];
  const families = plan.families.map((family) => {
    const found = observed.find((o) => o.family === family.family);
    if (found === undefined) return family;
    const whole = withDependents(inEffect(family, found.saved), found.saved);
    blocked.push(...whole.blocked);
    const there = chainNames(found.saved);
    for (const target of missingTargets(whole.plan, there)) {
      const [table = '', chain = ''] = target.split(' ');
      if (there.get(table)?.has(chain) === true) blocked.push(...rulesTo(whole.plan, table, chain));
      else missing.push(`${family.family} ${target}`);
    }
    return whole.plan;
  });
  const ipvs = plan.ipvs === undefined || state === undefined ? {} : { ipvs: remainingIpvs(plan.ipvs, state) };
  if (missing.length > 0) {
    throw new HostError('the rules of before lead to chains that are gone since; nothing was changed', {
      details: missing,
      advice: 'chainsmith cleanup may have run; chainsmith apply gives the node its rules again',
    });
  }
  if (blocked.length === 0) return { ...plan, families, ...ipvs };
  throw new HostError('rules of others jump to chains that the last apply made; nothing was changed', {
    details: blocked,
    advice: 'take these jumps away first',
  });
}

/** Rules that stay in chains that stay, and jump to one that would have to go. */
function rulesTo({ family, changes }: FamilyPlan, table: string, chain: string): readonly string[] {
  return changes.flatMap((change) => {
    if (change.table !== table || change.kind === 'delete-chain') return [];
    const rules = ruleLines(change.next.rules).filter((rule) => targetOf(rule) === chain);
    return rules.map((rule) => `${family} ${table} ${chain} would have to go: ${rule}`);
  });
}
