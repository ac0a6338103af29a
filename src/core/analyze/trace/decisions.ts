import type { Step } from './course.ts';
import type { TraceOutcome } from './outcomes.ts';
import { serviceChainKind, serviceComment } from './service-comment.ts';

/** A chain that picks one of several endpoints, by chance or by what it remembers of the client. */
export interface Choice {
  readonly chain: string;
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
  for (const outcome of outcomes) {
    for (const [i, step] of outcome.steps.entries()) {
      const kind = serviceChainKind(step.chain);
      if (
        step.rule === undefined ||
        step.effect.kind !== 'jump' ||
        (kind !== 'SVC' && kind !== 'SVL' && kind !== 'XLB')
      )
        continue;
      if (serviceChainKind(step.effect.chain) !== 'SEP') continue;
      const known = byChain.get(step.chain) ?? { service: undefined, endpoints: new Set() };
      known.service ??= serviceComment(step.rule.rule)?.service ?? serviceBefore(outcome.steps, i);
      known.endpoints.add(step.effect.chain);
      byChain.set(step.chain, known);
    }
  }
  return [...byChain].map(([chain, { service, endpoints }]) => ({ chain, service, endpoints: endpoints.size }));
}

function serviceBefore(steps: readonly Step[], at: number): string | undefined {
  const comments = steps
    .slice(0, at)
    .flatMap(({ rule }) => (rule === undefined ? [] : (serviceComment(rule.rule) ?? [])));
  return comments.at(-1)?.service;
}

/** `KUBE-SVC-TCOU7JCQXEZGVUNU picks one of 3 endpoints of kube-system/kube-dns:dns` */
export function choiceText({ chain, service = 'a Service', endpoints }: Choice): string {
  return endpoints === 1
    ? `${chain} has one endpoint of ${service}`
    : `${chain} picks one of ${endpoints} endpoints of ${service}`;
}
