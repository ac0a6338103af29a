import type { LintRule } from '../lint-rule.ts';

export const onlyTerminating: LintRule = {
  code: 'only-terminating',
  severity: 'warning',
  title: 'only Pods that are shutting down serve a Service',
  needs: 'snapshot',
  holds: 'A Service that has endpoints has one that is ready.',
  why: 'No endpoint is ready any more, so kube-proxy uses those that still serve while they terminate (KEP-1669). When the last of them is gone, connections are refused. Older versions refuse or drop at once.',
  issues: ['kubernetes/kubernetes#85643', 'kubernetes/kubernetes#50977', 'cilium/cilium#19810'],
  fix: 'Look at the rollout: maxUnavailable, readiness probes, and why no new Pod is ready.',
  check: ({ snapshot }) =>
    (snapshot?.tables ?? []).flatMap(({ servicePorts }) =>
      servicePorts
        .filter(
          ({ reachableEndpoints }) => reachableEndpoints.length > 0 && reachableEndpoints.every(({ ready }) => !ready),
        )
        .map(({ name, reachableEndpoints }) => ({
          message: `${name} is served by ${reachableEndpoints.length} terminating endpoint${reachableEndpoints.length === 1 ? '' : 's'} only`,
          service: name,
        })),
    ),
};
