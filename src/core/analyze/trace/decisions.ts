import { schedulerWords } from '../ipvs/scheduler-words.ts';
import type { Step } from './course.ts';
import type { TraceOutcome } from './outcomes.ts';
import { serviceChainOf } from '../kube/service-chain.ts';
import { serviceComment } from './service-comment.ts';

/** A chain, or a virtual server, that picks one of several endpoints, by chance or by what it remembers of the client. */
export interface Choice {
  /** Of a virtual server its protocol and address: `tcp 10.96.0.1:443`. */
  readonly chain: string;
  /** That of a virtual server. */
  readonly scheduler: string | undefined;
  /** So many seconds a client stays with its real server, if the virtual server is persistent. */
  readonly stays: number | undefined;
  /** `namespace/name:port`; undefined where no comment says it. */
  readonly service: string | undefined;
  readonly endpoints: number;
}

/** The service port that an outcome is about, as far as comments say. */
export function serviceOf({ steps }: Pick<TraceOutcome, 'steps'>): string | undefined {
  for (const { rule } of steps) {
    const comment = rule === undefined ? undefined : serviceComment(rule.rule);
    if (comment !== undefined) return comment.service;
  }
  return undefined;
}

/** The choices among endpoints that were made on the way to any of the outcomes, in the order of their first mention. */
export function choicesOf(outcomes: readonly TraceOutcome[]): readonly Choice[] {
  const byChain = new Map<string, { service: string | undefined; readonly endpoints: Set<string> }>();
  const byServer = new Map<string, Pick<Choice, 'scheduler' | 'stays' | 'endpoints'>>();
  for (const outcome of outcomes) {
    for (const [i, step] of outcome.steps.entries()) {
      if (step.effect.kind === 'ipvs' && step.effect.chosen !== undefined) {
        const { scheduler, among, stays } = step.effect.chosen;
        if (!byServer.has(step.chain)) byServer.set(step.chain, { scheduler, stays, endpoints: among });
        continue;
      }
      const kind = serviceChainOf(step.chain)?.role;
      if (
        step.rule === undefined ||
        step.effect.kind !== 'jump' ||
        (kind !== 'cluster' && kind !== 'local' && kind !== 'old-external')
      )
        continue;
      if (serviceChainOf(step.effect.chain)?.role !== 'endpoint') continue;
      const known = byChain.get(step.chain) ?? { service: undefined, endpoints: new Set() };
      known.service ??= serviceComment(step.rule.rule)?.service ?? serviceBefore(outcome.steps, i);
      known.endpoints.add(step.effect.chain);
      byChain.set(step.chain, known);
    }
  }
  const chains = Array.from(byChain, ([chain, { service, endpoints }]): Choice => ({
    chain,
    scheduler: undefined,
    stays: undefined,
    service,
    endpoints: endpoints.size,
  }));
  return [...chains, ...Array.from(byServer, ([chain, found]): Choice => ({ chain, service: undefined, ...found }))];
}

function serviceBefore(steps: readonly Step[], at: number): string | undefined {
  const comments = steps
    .slice(0, at)
    .flatMap(({ rule }) => (rule === undefined ? [] : (serviceComment(rule.rule) ?? [])));
  return comments.at(-1)?.service;
}

/** `KUBE-SVC-TCOU7JCQXEZGVUNU picks one of 3 endpoints of kube-system/kube-dns:dns` */
export function choiceText({ chain, scheduler, stays, service = 'a Service', endpoints }: Choice): string {
  if (scheduler !== undefined) {
    return endpoints === 1
      ? `IPVS has one real server for ${chain}`
      : `IPVS picks one of ${endpoints} real servers for ${chain}; ${scheduler} takes ${schedulerWords(scheduler)}${stays === undefined ? '' : `; who was there in the last ${stays} s stays with its own`}`;
  }
  return endpoints === 1
    ? `${chain} has one endpoint of ${service}`
    : `${chain} picks one of ${endpoints} endpoints of ${service}`;
}
