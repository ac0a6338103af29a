import { isEven, percent, sharesOf } from '../choice-shares.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { listed } from '../places.ts';
import type { Choice } from '../endpoint-choice.ts';
import type { ServiceIndex } from '../service-index.ts';

export const sharesUneven: LintRule = {
  code: 'shares-uneven',
  severity: 'warning',
  title: 'endpoints of a Service get different shares',
  needs: 'rules',
  holds: 'Each of N endpoints gets one in N of the new connections.',
  why: 'The probabilities of the rules are asked one after the other, so 1/3, 1/2 and always are even shares. Here they are not: a rule was lost, added or put elsewhere without the others being computed again. (Even rules with uneven traffic are something else: connections that are kept open, gRPC above all, or session affinity.)',
  issues: [
    'kubernetes/kubernetes#34321',
    'kubernetes/kubernetes#37932',
    'kubernetes/kubernetes#83599',
    'kubernetes/kubernetes#78685',
  ],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => services.choices.flatMap((choice) => inChoice(choice, services))),
};

function inChoice(choice: Choice, services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  const { shares, lost } = sharesOf(choice) ?? { shares: [], lost: 1 };
  // What falls through, and what is never reached, have findings of their own.
  if (nat?.isWhole !== true || shares.length < 2 || lost > 0 || shares.includes(0) || isEven(choice)) return [];
  const each = choice.entries.map(
    ({ chain }, i) => `${services.endpoints.get(chain)?.endpoint ?? chain} ${percent(shares[i] ?? 0)}`,
  );
  const [first, ...more] = choice.entries;
  return [
    {
      message: `${services.label(choice.chain.name)}: ${listed(each, 5)}, not ${percent(1 / shares.length)} each`,
      place: nat.place(choice.chain.name, first?.rule),
      service: services.serviceOf(choice.chain.name),
      related: more.slice(0, 20).map(({ rule }) => nat.place(choice.chain.name, rule)),
    },
  ];
}
