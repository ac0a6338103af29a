import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf, listed } from '../places.ts';

export const affinityListLimit: LintRule = {
  code: 'affinity-list-limit',
  severity: 'info',
  title: 'session affinity remembers 100 clients for each endpoint',
  needs: 'rules',
  holds: 'No Service relies on session affinity for more clients than the kernel remembers.',
  why: 'The rules remember clients with the match recent, and xt_recent keeps the last 100 sources of each list (ip_list_tot, a parameter of the module). The client before those is sent to any endpoint. Clients behind one NAT address count as one.',
  issues: ['kubernetes/kubernetes#43958', 'kubernetes/kubernetes#55429', 'kubernetes/kubernetes#110302'],
  fix: 'For more clients load the module with a larger ip_list_tot (options xt_recent ip_list_tot=10000 in /etc/modprobe.d), or use affinity above the Service, as ingress controllers offer.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const sticky = services.choices.filter(({ affinity }) => affinity.length > 0);
      const [first, ...more] = sticky;
      const { nat } = services;
      if (first === undefined || nat === undefined) return [];
      const names = [...new Set(sticky.map(({ chain }) => services.label(chain.name)))];
      return [
        {
          message: `${counted(names.length, 'service port')} with session affinity: ${listed(names)}`,
          place: nat.place(first.chain.name, first.affinity[0]),
          service: names.length === 1 ? services.serviceOf(first.chain.name) : undefined,
          related: firstOf(more).map(({ chain, affinity }) => nat.place(chain.name, affinity[0])),
        },
      ];
    }),
};
