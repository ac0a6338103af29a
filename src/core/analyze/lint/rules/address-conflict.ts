import { foundByReader } from '../from-diagnostics.ts';
import type { LintRule } from '../lint-rule.ts';

export const addressConflict: LintRule = {
  code: 'address-conflict',
  severity: 'error',
  title: 'two Services of the cluster claim one address and port',
  needs: 'snapshot',
  holds: 'Every address and port belongs to one Service.',
  why: 'kube-proxy does not notice, writes rules for both in random order, and the first wins: on each node another. chainsmith gives the address to the Service that is harder to claim it from (clusterIP before load balancer IP before external IP), then to the first by name.',
  issues: ['kubernetes/kubernetes#69599'],
  fix: 'Give one of the Services another address or port.',
  check: (context) => foundByReader(context, 'frontend-conflict'),
};
