import type { Plan } from '../../core/plan/plan.ts';
import type { Verify } from '../../host/iptables/apply-plan.ts';
import { carryOut } from '../../host/iptables/carry-out.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import type { StreamedRestore } from '../../host/iptables/streamed-restore.ts';
import { StateFile } from '../../host/iptables/state-file.ts';
import type { DrainReport } from '../../host/ipvs/drain.ts';
import type { IpvsContext } from '../../host/ipvs/ipvs-run.ts';
import { writesFromHere } from '../interrupts.ts';
import { progressLine } from '../output/progress-line.ts';
import { drainText } from '../output/drain-text.ts';
import { writeErr } from '../output/streams.ts';
import type { OpenNode } from './open-node.ts';

export interface LoadOptions {
  readonly stateDir: string;
  readonly quiet?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly observed: readonly Observation[];
  /** How long reading the node took. */
  readonly observeMs: number;
  readonly verify: Verify;
  /** Needed if the plan has a part for IPVS. */
  readonly ipvs?: Omit<IpvsContext, 'kube' | 'onDrained'> | undefined;
  /** Nothing is written before it has resolved. */
  readonly whileTesting?: (() => Promise<void>) | undefined;
  /** Called while the kernel takes the rules. It must not throw. */
  readonly whileLoading?: (() => void) | undefined;
  /** A restore that was started for this plan before it was made. */
  readonly streamed?: StreamedRestore | undefined;
}

/** Carries a plan out, with a line on the terminal that says what is going on. */
export async function loadPlan(plan: Plan, node: OpenNode, options: LoadOptions): Promise<void> {
  const line = progressLine(process.stderr, 'loading', options.quiet !== true);
  const state = new StateFile(options.stateDir, node.namespace.identity);
  const { observed, observeMs, signal, verify, whileTesting, whileLoading, streamed } = options;
  const drained: DrainReport[] = [];
  const ipvs = ipvsContext(options.ipvs, node, drained);
  writesFromHere(signal);
  try {
    const context = { ...node, observed, observeMs, signal, streamed, whileLoading, onStep: line.say, ipvs };
    await carryOut(plan, state, context, verify, whileTesting);
  } finally {
    line.end();
    await writeErr(drainText(drained, options.quiet === true));
  }
}

export function ipvsContext(
  given: LoadOptions['ipvs'],
  node: OpenNode,
  drained: DrainReport[],
): IpvsContext | undefined {
  if (given === undefined) return undefined;
  return { ...given, kube: node.kubeIpvs(), onDrained: (report) => void drained.push(report) };
}
