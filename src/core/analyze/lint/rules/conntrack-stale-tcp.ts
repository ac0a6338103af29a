import type { LintRule } from '../lint-rule.ts';
import { staleGroups } from '../stale-connections.ts';

export const conntrackStaleTcp: LintRule = {
  code: 'conntrack-stale-tcp',
  severity: 'info',
  title: 'TCP connections to an endpoint that is gone',
  needs: 'conntrack',
  holds: 'No remembered TCP connection of a Service leads to an address that is no endpoint of it.',
  why: 'A Pod that is shutting down may finish its connections, so kube-proxy leaves these alone. If the Pod is gone, clients notice by their own timeouts only, and those that keep connections open (gRPC, databases) hang meanwhile.',
  issues: ['kubernetes/kubernetes#78685', 'kubernetes/kubernetes#64580'],
  fix: 'Usually nothing: new connections are sent elsewhere. Clients that hang need keep-alive or a timeout.',
  check: (context) => staleGroups(context, 6, 'tcp').map(({ fix: _fix, ...found }) => found),
};
