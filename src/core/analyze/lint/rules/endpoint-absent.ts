import { portDrifts, wantedEndpoints } from '../drift.ts';
import { absentRealServers } from '../ipvs-drift.ts';
import type { LintRule } from '../lint-rule.ts';
import { listed } from '../places.ts';

export const endpointAbsent: LintRule = {
  code: 'endpoint-absent',
  severity: 'error',
  title: 'an endpoint of a Service gets no connections',
  needs: 'snapshot',
  holds: 'The rules of a Service lead to every endpoint that the snapshot has for this node.',
  why: 'The Pod is ready and this node sends it nothing. kube-proxy did not follow the EndpointSlices, lost a change in a sync that failed, or stumbled over an address that stands in two slices.',
  issues: [
    'kubernetes/kubernetes#121362',
    'kubernetes/kubernetes#112604',
    'kubernetes/kubernetes#135266',
    'kubernetes/kubernetes#109414',
  ],
  fix: 'Look at the log of kube-proxy on the node, and restart it. If the snapshot is older than the dump, take both again.',
  check: (context) => [
    ...absentRealServers(context),
    ...portDrifts(context).flatMap(({ dump, entry, endpoints, frontends, refusals }) => {
      const present = new Set(endpoints.map(({ endpoint }) => endpoint));
      const absent = [...wantedEndpoints(entry)].filter((endpoint) => !present.has(endpoint));
      const rule = frontends.find((frontend) => frontend !== undefined);
      const refusal = refusals.find((one) => one !== undefined);
      // A Service without any rule is service-missing's.
      if (absent.length === 0 || (rule === undefined && refusal === undefined)) return [];
      return [
        {
          message: `${entry.name} does not lead to ${listed(absent, 5)} (${absent.length} of ${entry.reachableEndpoints.length} endpoints)`,
          place:
            rule === undefined
              ? refusal?.table.place(refusal.chain, refusal.rule)
              : dump.table('nat')?.place(rule.from, rule.rule),
          service: entry.name,
        },
      ];
    }),
  ],
};
