import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { frontendKey, frontendText } from '../frontend.ts';

export const rejectWithEndpoints: LintRule = {
  code: 'reject-with-endpoints',
  severity: 'error',
  title: 'REJECT for a Service that has endpoints',
  needs: 'rules',
  holds: 'An address for which nat has endpoints is not refused in filter.',
  why: 'kube-proxy writes one or the other. Both together are left by a switch of modes, by two programs that write the rules, or by a sync that failed half-way: connections are refused as soon as a packet passes nat untranslated.',
  issues: ['kubernetes/kubernetes#102314'],
  fix: 'Make kube-proxy write all rules again (restart it); if the rule comes back, look for a second program that writes KUBE chains.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump({ services }: DumpView): readonly Found[] {
  return services.refusals.flatMap((refusal): readonly Found[] => {
    if (refusal.verdict !== 'reject') return [];
    const frontends = services.frontendsAt(frontendKey(refusal));
    const serving = frontends.find(({ chain }) => services.endpointsOf(chain).length > 0);
    if (serving === undefined || services.nat === undefined) return [];
    const service = services.serviceOf(serving.chain) ?? refusal.service;
    const count = services.endpointsOf(serving.chain).length;
    return [
      {
        message: `${service ?? serving.chain} at ${frontendText(refusal)} is refused in filter ${refusal.chain}, and has ${count} endpoint${count === 1 ? '' : 's'} in nat`,
        place: refusal.table.place(refusal.chain, refusal.rule),
        service,
        related: [services.nat.place(serving.from, serving.rule)],
      },
    ];
  });
}
