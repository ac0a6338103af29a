import { portDrifts } from '../drift.ts';
import type { LintRule } from '../lint-rule.ts';
import { listed } from '../places.ts';
import { frontendText } from '../frontend.ts';

export const serviceMissing: LintRule = {
  code: 'service-missing',
  severity: 'error',
  title: 'a Service of the cluster has no rules on the node',
  needs: 'snapshot',
  holds: 'For every service port of the snapshot the dump has rules: those that serve it, or those that refuse it.',
  why: 'kube-proxy has not seen the Service (it does not run, or cannot reach the API server), lost a change in a sync that failed, or the rules were flushed. Connections go to an address that nobody has, and time out.',
  issues: ['kubernetes/kubernetes#121362', 'kubernetes/kubernetes#112604', 'kubernetes/kubernetes#135266'],
  fix: 'Look at the log of kube-proxy on the node, and restart it; chainsmith plan shows all that is missing.',
  check: (context) =>
    portDrifts(context)
      .filter(({ frontends, refusals }) => [...frontends, ...refusals].every((rule) => rule === undefined))
      .map(({ dump, entry, wanted }) => ({
        message: `${entry.name} has no rules: ${listed(wanted.map(frontendText))}`,
        place: dump.table('nat')?.place('KUBE-SERVICES'),
        service: entry.name,
      })),
};
