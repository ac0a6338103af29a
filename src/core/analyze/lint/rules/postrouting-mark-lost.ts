import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { isUnconditional } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const postroutingMarkLost: LintRule = {
  code: 'postrouting-mark-lost',
  severity: 'error',
  title: 'KUBE-POSTROUTING does not ask for the mark',
  needs: 'rules',
  holds: 'KUBE-POSTROUTING masquerades the packets that are marked for it, and no others.',
  why: 'The condition on the mark was lost, as happens where two versions of iptables write on one node. Without it either everything that leaves the node gets its address, so that no client is seen as itself, or nothing does, so that answers do not find their way.',
  issues: ['kubernetes/kubernetes#112477', 'kubernetes/kubernetes#114549'],
  fix: 'Restart kube-proxy, which writes the chain anew; then give all programs of the node one version of iptables.',
  check: ({ dumps }) => dumps.flatMap((dump) => inTable(dump.table('nat'))),
};

function inTable(nat: TableView | undefined): readonly Found[] {
  if (nat === undefined) return [];
  const found: Found[] = [];
  let asked = false;
  for (const rule of nat.rules('KUBE-POSTROUTING')) {
    const { target, matches } = rule.rule;
    asked ||= matches.some(({ kind }) => kind === 'mark');
    if (!isUnconditional(rule.rule)) continue;
    const place = nat.place('KUBE-POSTROUTING', rule);
    if (target.kind === 'return' && !asked) {
      return [{ message: 'KUBE-POSTROUTING returns for every packet, so nothing is masqueraded', place }];
    }
    if (target.kind === 'masquerade' && !asked) {
      found.push({ message: 'KUBE-POSTROUTING masquerades every packet, marked or not', place });
    }
  }
  return found;
}
