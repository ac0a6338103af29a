import { foundByReader } from '../from-diagnostics.ts';
import type { LintRule } from '../lint-rule.ts';

export const endpointInTwoSlices: LintRule = {
  code: 'endpoint-in-two-slices',
  severity: 'warning',
  title: 'an endpoint stands in two EndpointSlices',
  needs: 'snapshot',
  holds: 'Each address and port of a Service stands in one EndpointSlice.',
  why: 'Which entry counts depends on the version of kube-proxy, and where they differ on chance: the endpoint may be missing although it is ready, or be served although it is gone. kube-proxy 1.36 lets an entry that is not terminating win.',
  issues: ['kubernetes/kubernetes#135266', 'kubernetes/kubernetes#101935', 'kubernetes/kubernetes#109414'],
  fix: 'Find out who manages the second slice (label endpointslice.kubernetes.io/managed-by), and remove the entry that is stale.',
  check: (context) => foundByReader(context, 'duplicate-endpoint'),
};
