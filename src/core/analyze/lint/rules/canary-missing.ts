import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';

export const canaryMissing: LintRule = {
  code: 'canary-missing',
  severity: 'warning',
  title: 'the canary of kube-proxy is missing in a table',
  needs: 'rules',
  holds: 'The empty chain KUBE-PROXY-CANARY is in mangle, nat and filter, or in none of them.',
  why: 'kube-proxy makes the chain to see when somebody flushes its rules, and looks for it every syncPeriod (30 s). Where it is gone from one table, that table was flushed a moment ago, or kube-proxy does not run. Old versions of kube-proxy have none.',
  issues: ['kubernetes/kubernetes#81517', 'rancher/rke2#10469'],
  fix: 'Look again in a minute; if it is still missing, look whether kube-proxy runs, and who flushes.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

const CANARY = 'KUBE-PROXY-CANARY';

function inDump(dump: DumpView): readonly Found[] {
  const tables = ['mangle', 'nat', 'filter'].flatMap((name) => dump.table(name) ?? []);
  const having = tables.filter((table) => table.has(CANARY));
  return tables
    .filter((table) => having.length > 0 && table.isWhole && !table.has(CANARY))
    .map((table) => ({
      message: `${table.name} has no chain ${CANARY}, and ${having.map(({ name }) => name).join(' and ')} ha${having.length === 1 ? 's' : 've'}`,
      place: table.whole,
      related: having.map((other) => other.place(CANARY)),
    }));
}
