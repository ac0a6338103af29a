import { percent, sharesOf } from '../choice-shares.ts';
import type { LintRule } from '../lint-rule.ts';

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
        const last = choice.entries.at(-1);
        // Where lines were left out of the dump, the last rule is one of them.
        if (lost === 0 || last === undefined || services.nat?.isWhole !== true) return [];
        return [
          {
            message: `${services.label(choice.chain.name)}: ${percent(lost)} of new connections get none of the ${choice.entries.length} endpoints`,
            place: services.nat.place(choice.chain.name, last.rule),
            service: services.serviceOf(choice.chain.name),
          },
        ];
      }),
    ),
};
