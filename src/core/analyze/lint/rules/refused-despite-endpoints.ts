import type { ServicePortEntry } from '../../../services/service-port.ts';
import { wantedFrontends, type WantedFrontend } from '../drift.ts';
import type { Found } from '../finding.ts';
import { groupedBy } from '../grouped.ts';
import type { DumpView } from '../dump-view.ts';
import type { LintRule } from '../lint-rule.ts';
import { frontendKey, frontendText } from '../frontend.ts';
import type { Refusal } from '../refusal.ts';

export const refusedDespiteEndpoints: LintRule = {
  code: 'refused-despite-endpoints',
  severity: 'error',
  title: 'a Service is refused, and the cluster has endpoints for it',
  needs: 'snapshot',
  holds:
    'Only Services without endpoints are refused, and only those with traffic policy Local and no endpoint on the node are dropped.',
  why: 'The rule is of a time when the Service had no endpoints: left by another mode of kube-proxy, or not replaced by a sync that failed. It also happens in ipvs mode, where nobody removes it.',
  issues: ['kubernetes/kubernetes#102314'],
  fix: 'Restart kube-proxy; in ipvs mode first chainsmith cleanup. If the snapshot is older than the dump, take both again.',
  check: (context) =>
    context.dumps.flatMap((dump) => inDump(dump, context.serviceTable(dump.family)?.servicePorts ?? [])),
};

function inDump({ services }: DumpView, entries: readonly ServicePortEntry[]): readonly Found[] {
  const refusals = groupedBy(services.refusals, frontendKey);
  if (refusals.size === 0) return [];
  return entries.flatMap((entry) =>
    wantedFrontends(entry).flatMap((frontend) =>
      (refusals.get(frontendKey(frontend)) ?? [])
        .filter((refusal) => isWrong(refusal, frontend, entry))
        .map((refusal) => ({
          message: `${entry.name} at ${frontendText(frontend)} is ${refusal.verdict === 'drop' ? 'dropped' : 'refused'}, and has ${entry.reachableEndpoints.length} endpoints for this node`,
          place: refusal.table.place(refusal.chain, refusal.rule),
          service: entry.name,
        })),
    ),
  );
}

function isWrong({ verdict }: Refusal, { isInternal }: WantedFrontend, entry: ServicePortEntry): boolean {
  if (verdict === 'reject') return entry.hasEndpoints;
  const isLocal = isInternal ? entry.internalPolicyLocal : entry.externalPolicyLocal;
  return (isLocal ? entry.localEndpoints : entry.clusterEndpoints).length > 0;
}
