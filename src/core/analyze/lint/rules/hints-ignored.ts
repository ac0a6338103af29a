import { foundByReader } from '../from-diagnostics.ts';
import type { LintRule } from '../lint-rule.ts';

export const hintsIgnored: LintRule = {
  code: 'hints-ignored',
  severity: 'warning',
  title: 'topology hints have no effect',
  needs: 'snapshot',
  holds: 'Where endpoints have topology hints, the node follows them.',
  why: 'Hints count only if every ready endpoint has one, this node has the label topology.kubernetes.io/zone, and one endpoint is meant for its zone (or for the node). One endpoint without a hint switches them off for the whole Service, and traffic goes to all zones.',
  issues: ['kubernetes/kubernetes#103888', 'kubernetes/kubernetes#124699'],
  fix: 'Label the node with its zone, and give each zone enough endpoints (three at least) for the controller to hand out hints.',
  check: (context) => foundByReader(context, 'topology-not-used'),
};
