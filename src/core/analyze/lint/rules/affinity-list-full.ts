import { connectionPlace, serviceConnections } from '../connection-index.ts';
import { groupedBy } from '../grouped.ts';
import type { LintContext } from '../lint-context.ts';
import type { LintRule } from '../lint-rule.ts';

export const affinityListFull: LintRule = {
  code: 'affinity-list-full',
  severity: 'warning',
  title: 'more clients than session affinity remembers',
  needs: 'conntrack',
  holds: 'No endpoint of a Service with session affinity has connections of more than 100 clients.',
  why: 'The match recent keeps the last 100 sources of each list (ip_list_tot of xt_recent). With more clients the older ones are forgotten long before the timeout, and are sent to any endpoint with their next connection.',
  issues: ['kubernetes/kubernetes#43958', 'kubernetes/kubernetes#55429'],
  fix: 'Load xt_recent with a larger ip_list_tot (options xt_recent ip_list_tot=10000 in /etc/modprobe.d), or use affinity above the Service.',
  check: (context) => {
    const sticky = stickyServices(context);
    if (sticky.size === 0) return [];
    const connections = serviceConnections(context).filter(
      ({ service, endpoint }) => endpoint !== undefined && sticky.has(service ?? ''),
    );
    return [
      ...groupedBy(connections, ({ service, endpoint }) => `${service ?? ''} ${endpoint ?? ''}`).values(),
    ].flatMap((group) => {
      const clients = new Set(group.map(({ entry }) => entry.original.source)).size;
      const [first] = group;
      if (first === undefined || clients <= REMEMBERED) return [];
      return [
        {
          message: `${first.endpoint ?? ''} of ${first.service ?? ''} has connections of ${clients} clients, and ${REMEMBERED} are remembered`,
          place: connectionPlace(context, first),
          service: first.service,
        },
      ];
    });
  },
};

/** xt_recent's default. */
const REMEMBERED = 100;

function stickyServices({ dumps }: LintContext): ReadonlySet<string> {
  return new Set(
    dumps.flatMap(({ services }) =>
      services.choices
        .filter(({ affinity }) => affinity.length > 0)
        .flatMap(({ chain }) => services.serviceOf(chain.name) ?? []),
    ),
  );
}
