import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf, listed } from '../places.ts';

export const staleReject: LintRule = {
  code: 'stale-reject',
  severity: 'error',
  title: 'REJECT rules of the iptables mode on a node in ipvs mode',
  needs: 'rules',
  holds:
    'On a node in ipvs mode no rule refuses Services: there a Service without endpoints is a virtual server without real servers.',
  why: 'The rules were written in iptables mode, when the Services had no endpoints, and nobody takes them away. They refuse connections to Services that have long had endpoints.',
  issues: ['kubernetes/kubernetes#102314'],
  fix: 'Remove them: chainsmith cleanup, then restart kube-proxy; or iptables -F KUBE-SERVICES and iptables -F KUBE-EXTERNAL-SERVICES (in the table filter).',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump({ modes, services }: DumpView): readonly Found[] {
  const [first, ...more] = services.refusals;
  if (!modes.has('ipvs') || first === undefined) return [];
  const names = [...new Set(services.refusals.map(({ service, address }) => service ?? address ?? 'a node port'))];
  return [
    {
      message: `${counted(services.refusals.length, 'rule')} of the iptables mode still refuse${more.length === 0 ? 's' : ''} or drop${more.length === 0 ? 's' : ''}: ${listed(names, 5)}`,
      place: first.table.place(first.chain, first.rule),
      related: firstOf(more).map(({ table, chain, rule }) => table.place(chain, rule)),
    },
  ];
}
