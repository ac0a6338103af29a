import type { Plan } from '../../core/plan/plan.ts';
import type { Verify } from '../../host/iptables/apply-plan.ts';
import { carryOut } from '../../host/iptables/carry-out.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import { StateFile } from '../../host/iptables/state-file.ts';
import { writesFromHere } from '../interrupts.ts';
import { progressLine } from '../output/progress-line.ts';
import type { OpenNode } from './open-node.ts';

export interface LoadOptions {
  readonly stateDir: string;
  readonly quiet?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly observed: readonly Observation[];
  /** How long reading the node took. */
  readonly observeMs: number;
  readonly verify: Verify;
  /** Nothing is written before it has resolved. */
  readonly whileTesting?: () => Promise<void>;
}

/** Carries a plan out, with a line on the terminal that says what is going on. */
export async function loadPlan(plan: Plan, node: OpenNode, options: LoadOptions): Promise<void> {
  const line = progressLine(process.stderr, 'loading', options.quiet !== true);
  const state = new StateFile(options.stateDir, node.namespace.identity);
  const { observed, observeMs, signal, verify, whileTesting } = options;
  writesFromHere(signal);
  try {
    await carryOut(plan, state, { ...node, observed, observeMs, signal, onStep: line.say }, verify, whileTesting);
  } finally {
    line.end();
  }
}
