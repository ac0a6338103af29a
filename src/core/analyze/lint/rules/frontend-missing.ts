import { portDrifts } from '../drift.ts';
import type { LintRule } from '../lint-rule.ts';
import { listed } from '../places.ts';
import { frontendText } from '../frontend.ts';

export const frontendMissing: LintRule = {
  code: 'frontend-missing',
  severity: 'error',
  title: 'an address of a Service has no rules on the node',
  needs: 'snapshot',
  holds:
    'For every address and port of a Service (clusterIP, external and load balancer IPs, node ports) the dump has rules.',
  why: 'The Service works by some of its addresses only. kube-proxy has not seen the last change of it, or lost it in a sync that failed.',
  issues: ['kubernetes/kubernetes#121362', 'kubernetes/kubernetes#112604'],
  fix: 'Look at the log of kube-proxy on the node, and restart it; chainsmith plan shows all that is missing.',
  check: (context) =>
    portDrifts(context).flatMap(({ dump, entry, wanted, frontends, refusals }) => {
      const missing = wanted.filter((_, i) => frontends[i] === undefined && refusals[i] === undefined);
      if (missing.length === 0 || missing.length === wanted.length) return [];
      const first = frontends.find((frontend) => frontend !== undefined);
      return [
        {
          message: `${entry.name} has no rules for ${listed(missing.map(frontendText))}`,
          place:
            first === undefined
              ? dump.table('nat')?.place('KUBE-SERVICES')
              : dump.table('nat')?.place(first.from, first.rule),
          service: entry.name,
        },
      ];
    }),
};
