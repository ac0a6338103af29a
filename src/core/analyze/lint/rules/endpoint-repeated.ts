import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import type { Choice } from '../endpoint-choice.ts';
import type { ServiceIndex } from '../service-index.ts';

export const endpointRepeated: LintRule = {
  code: 'endpoint-repeated',
  severity: 'warning',
  title: 'one endpoint stands in a Service twice',
  needs: 'rules',
  holds: 'No two rules of a chain that chooses lead to the same address and port.',
  why: 'That endpoint gets two shares. An address that stands in two EndpointSlices was given to the rules twice, or not at all, by some versions of kube-proxy; or a rule was added by somebody else.',
  issues: ['kubernetes/kubernetes#135266', 'kubernetes/kubernetes#101935', 'kubernetes/kubernetes#109414'],
  fix: 'Look for the address in the EndpointSlices of the Service, and remove the one that is stale; then restart kube-proxy.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => services.choices.flatMap((choice) => inChoice(choice, services))),
};

function inChoice({ chain, entries }: Choice, services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  const first = new Map<string, Choice['entries'][number]>();
  return entries.flatMap((entry): readonly Found[] => {
    const endpoint = services.endpoints.get(entry.chain)?.endpoint;
    if (endpoint === undefined || nat?.isWhole !== true) return [];
    const before = first.get(endpoint);
    if (before === undefined) {
      first.set(endpoint, entry);
      return [];
    }
    return [
      {
        message: `${services.label(chain.name)} has ${endpoint} a second time`,
        place: nat.place(chain.name, entry.rule),
        service: services.serviceOf(chain.name),
        related: [nat.place(chain.name, before.rule)],
      },
    ];
  });
}
