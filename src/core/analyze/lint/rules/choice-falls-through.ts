import { percent, sharesOf } from '../choice-shares.ts';
import type { Choice } from '../endpoint-choice.ts';
import type { LintRule } from '../lint-rule.ts';
import { jumpOf } from '../rule-facts.ts';

export const choiceFallsThrough: LintRule = {
  code: 'choice-falls-through',
  severity: 'error',
  title: 'some connections of a Service get no endpoint',
  needs: 'rules',
  holds: 'The last rule that chooses an endpoint has no probability, so that every connection gets one.',
  why: 'The last rule was lost, or something else was put behind it. The connections that no rule chooses for go on to the address of the Service itself, which nobody has: they time out, or reach whatever answers there.',
  issues: ['kubernetes/kubernetes#121362', 'kubernetes/kubernetes#112604'],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) =>
      services.choices.flatMap((choice) => {
        const lost = sharesOf(choice)?.lost ?? 0;
        // With session affinity, all that is left may be rules that ask for clients who were there before.
        const last = choice.entries.at(-1)?.rule ?? choice.affinity.at(-1);
        // Where lines were left out of the dump, the last rule is one of them.
        if (lost === 0 || last === undefined || services.nat?.isWhole !== true) return [];
        return [
          {
            message: `${services.label(choice.chain.name)}: ${percent(lost)} of new connections get ${noneOf(endpointsIn(choice))}`,
            place: services.nat.place(choice.chain.name, last),
            service: services.serviceOf(choice.chain.name),
          },
        ];
      }),
    ),
};

function endpointsIn({ entries, affinity }: Choice): number {
  return new Set([...entries.map(({ chain }) => chain), ...affinity.map(({ rule }) => jumpOf(rule))]).size;
}

function noneOf(count: number): string {
  return count === 1 ? 'no endpoint' : `none of the ${count} endpoints`;
}
