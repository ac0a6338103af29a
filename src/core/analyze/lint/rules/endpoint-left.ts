import { portDrifts, wantedEndpoints } from '../drift.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf, listed } from '../places.ts';

export const endpointLeft: LintRule = {
  code: 'endpoint-left',
  severity: 'error',
  title: 'connections are sent to an endpoint that is gone',
  needs: 'snapshot',
  holds: 'Every endpoint that the rules of a Service lead to is one that the snapshot has for this node.',
  why: 'The Pod is gone, not ready or not for this node, and the rules still send it its share: that part of the connections fails. kube-proxy did not follow the EndpointSlices, or lost a change in a sync that failed.',
  issues: ['kubernetes/kubernetes#112604', 'kubernetes/kubernetes#121362', 'kubernetes/kubernetes#71305'],
  fix: 'Look at the log of kube-proxy on the node, and restart it. If the snapshot is older than the dump, take both again.',
  check: (context) =>
    portDrifts(context).flatMap(({ dump, entry, endpoints }) => {
      const wanted = wantedEndpoints(entry);
      const left = endpoints.filter(({ endpoint }) => endpoint !== undefined && !wanted.has(endpoint));
      const [first, ...more] = left;
      const nat = dump.table('nat');
      if (first === undefined || nat === undefined) return [];
      return [
        {
          message: `${entry.name} still leads to ${listed(
            left.map(({ endpoint }) => endpoint ?? ''),
            5,
          )} (${left.length} of ${endpoints.length} endpoints)`,
          place: nat.place(first.chain.name, first.dnat),
          service: entry.name,
          related: firstOf(more).map(({ chain, dnat }) => nat.place(chain.name, dnat)),
        },
      ];
    }),
};
