import type { PlanDocument } from '../../core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../core/plan/document/read-plan-document.ts';
import { isEmptyPlan, type Plan } from '../../core/plan/plan.ts';
import { rulesAfter } from '../../core/plan/rules-after.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { HostError } from '../../host/host-error.ts';
import { inEffect } from '../../host/iptables/apply-plan.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import { observeNode } from '../../host/iptables/plan-node.ts';
import { StateFile, type StoredState } from '../../host/iptables/state-file.ts';
import { writtenChainsHash } from '../../host/iptables/way-back.ts';
import { guardInterrupts } from '../interrupts.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { NodeFlags } from '../options/node-options.ts';
import { ask, canAsk } from '../output/ask.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { loadPlan } from './load-plan.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { showPlan } from './show-plan.ts';
import { withNodeLock } from './with-node-lock.ts';

export interface UndoFlags extends GlobalOptions, NodeFlags {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly diff?: boolean;
  readonly stateDir: string;
}

export async function runUndo(flags: UndoFlags): Promise<number> {
  return await guardInterrupts(async (signal) => {
    // Which variant the apply used, the state says; until then any will do.
    const opened = await openNode({ ...flags, variant: 'nft' }, []);
    const state = new StateFile(flags.stateDir, opened.namespace.id);
    const { document, stored } = await readState(state, flags);
    const families = document.plan.families.map(({ family }) => family);
    const node = await openNode({ ...flags, variant: document.variant }, families);
    return await withNodeLock(node, { quiet: flags.quiet, signal }, () =>
      undo(node, state, { document, stored, flags, signal }),
    );
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
  if (stored.kind === 'last' && flags.force !== true) refuseChanged(stored, document, observed);
  const plan = wayBack(document.plan, observed);
  const { quiet } = flags;
  await writeOut(showPlan({ plan, observed, desired: rulesAfterAll(plan, observed) }, flags));
  if (!isEmptyPlan(plan)) {
    if (canAsk(flags) && !(await ask('Undo the last apply?'))) {
      await writeErr('nothing was changed\n');
      return 1;
    }
    if (stored.kind === 'pending') await state.promotePending();
    await loadPlan(plan, node, { stateDir: flags.stateDir, quiet, signal, observed, observeMs, verify: inEffect });
  }
  await state.dropPending();
  await state.dropLast();
  if (quiet !== true) await writeErr('undone\n');
  return 0;
}

async function readState(
  state: StateFile,
  { stateDir }: UndoFlags,
): Promise<{ readonly document: PlanDocument; readonly stored: StoredState }> {
  const stored = await state.read();
  if (stored === undefined) {
    throw new HostError(
      `there is nothing to undo: ${stateDir} knows of no apply in this network namespace since the last boot`,
      {
        advice: 'was the apply run with another --state-dir or --netns?',
      },
    );
  }
  const { document, diagnostics } = readPlanDocument(stored.document, { file: stored.path });
  if (document !== undefined) return { document, stored };
  throw new HostError(`${stored.path} is damaged`, { details: diagnostics.map(({ message }) => message) });
}

function refuseChanged(
  { fingerprint: after }: StoredState,
  { plan }: PlanDocument,
  observed: readonly Observation[],
): void {
  const changed = observed.filter(({ family, saved }) => {
    const back = plan.families.find((f) => f.family === family);
    return back !== undefined && after[family] !== undefined && after[family] !== writtenChainsHash(back, saved);
  });
  if (changed.length === 0) return;
  throw new HostError('chains that the last apply wrote have changed since; nothing was changed', {
    advice: 'kube-proxy may be running; --force takes back what was changed since as well',
  });
}

/** Only what is not as it was before already. */
function wayBack(plan: Plan, observed: readonly Observation[]): Plan {
  const families = plan.families.map((family) => {
    const found = observed.find((o) => o.family === family.family);
    return found === undefined ? family : inEffect(family, found.saved);
  });
  return { ...plan, families };
}

function rulesAfterAll(plan: Plan, observed: readonly Observation[]): readonly CompiledRules[] {
  return plan.families.flatMap((family) => {
    const found = observed.find((o) => o.family === family.family);
    return found === undefined ? [] : [rulesAfter(family, found.saved)];
  });
}
