// The part of an apply that is about IPVS, in the pieces between which the rules are loaded.
import { remainingIpvs } from '../../core/plan/ipvs/compare-ipvs.ts';
import { itemOf, type IpvsPlan } from '../../core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { ipvsSteps, type IpvsStep, type IpvsSteps } from '../../core/plan/ipvs/ipvs-steps.ts';
import { ownerOf } from '../../core/plan/ipvs/ipvs-item.ts';
import { HostError } from '../host-error.ts';
import { drain, type DrainReport } from './drain.ts';
import type { KubeIpvs } from './kube-ipvs.ts';

export interface IpvsContext {
  readonly kube: KubeIpvs;
  /** What the plan was made of. */
  readonly state: IpvsState;
  /** What would still have to be changed on a node that was read back. Default: what is left of the plan. */
  readonly verify?: ((state: IpvsState) => IpvsPlan) | undefined;
  /** For the connections of real servers that go; 0: they go at once. */
  readonly drainSeconds: number;
  readonly onDrained?: ((report: DrainReport) => void) | undefined;
}

export interface IpvsRunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
}

export class IpvsRun {
  readonly #context: IpvsContext;
  readonly #plan: IpvsPlan;
  readonly #steps: IpvsSteps;
  readonly #options: IpvsRunOptions;

  constructor(plan: IpvsPlan, context: IpvsContext, options: IpvsRunOptions) {
    this.#plan = plan;
    this.#context = context;
    this.#options = options;
    this.#steps = ipvsSteps(plan, context.state, context.drainSeconds > 0);
  }

  /** A run for what is left to do on the node as it is now; nothing is drained. */
  static async remaining(plan: IpvsPlan, context: IpvsContext, options: IpvsRunOptions): Promise<IpvsRun> {
    const state = await context.kube.observe(false);
    return new IpvsRun(remainingIpvs(plan, state), { ...context, state, drainSeconds: 0 }, options);
  }

  get isEmpty(): boolean {
    return this.#plan.changes.length === 0;
  }

  /** What rules will name. */
  async prepare(): Promise<void> {
    await this.#run(this.#steps.prepare);
  }

  /** All that has to be there before the rules. */
  async open(): Promise<void> {
    if (this.#steps.before.length > 0) this.#options.onStep?.('changing virtual servers, sets and addresses');
    await this.#run(this.#steps.before);
  }

  /** All that may go only behind the rules. */
  async close(): Promise<void> {
    const { retire, drain: draining, after } = this.#steps;
    await this.#run(retire);
    if (draining.length > 0) {
      const { kube, drainSeconds: seconds, onDrained } = this.#context;
      onDrained?.(await drain(kube, draining, { ...this.#options, seconds }));
    }
    await this.#run(after);
  }

  /** Reads the node back; resolves to what it has. */
  async check(): Promise<IpvsState> {
    const { kube, verify } = this.#context;
    const state = await kube.observe(false);
    const left = [...remainingIpvs(this.#plan, state).changes, ...(verify?.(state).changes ?? [])];
    if (left.length === 0) return state;
    throw new HostError('the virtual servers, sets and addresses were changed, but the node does not have them', {
      details: left.slice(0, 10).map((change) => {
        const item = itemOf(change);
        return `${item.object.replace('-', ' ')} ${ownerOf(item)} ${item.name}: ${change.reason}`.replace('  ', ' ');
      }),
      advice: 'another program may be changing them: is kube-proxy still running?',
    });
  }

  async #run(steps: readonly IpvsStep[]): Promise<void> {
    await this.#context.kube.run(steps);
  }
}
