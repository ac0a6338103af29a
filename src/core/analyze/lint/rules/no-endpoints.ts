import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf, listed } from '../places.ts';
import { refusedServices } from '../refused-services.ts';

export const noEndpoints: LintRule = {
  code: 'no-endpoints',
  severity: 'info',
  title: 'a Service has no endpoints',
  needs: 'rules',
  holds: 'Every Service has at least one endpoint that is ready.',
  why: 'Connections to it are refused at once ("connection refused"). No Pod has the labels of its selector, none of those is ready, or none has the port. The rules are as they must be.',
  issues: [],
  fix: 'kubectl get endpointslices -l kubernetes.io/service-name=NAME, and kubectl describe the Pods that should be in them.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) =>
      refusedServices(services, ({ verdict, reason }) => verdict === 'reject' && reason !== 'no-local-endpoints').map(
        ({ name, first, more, texts }): Found => ({
          message: `${name ?? 'a Service'} has no endpoints: ${listed(texts)} refused`,
          place: first.table.place(first.chain, first.rule),
          service: name,
          related: firstOf(more).map(({ table, chain, rule }) => table.place(chain, rule)),
        }),
      ),
    ),
};
