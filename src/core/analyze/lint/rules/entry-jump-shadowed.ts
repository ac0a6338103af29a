import { isEntry, stopIn } from '../entry-jumps.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { listed, placesOf } from '../places.ts';
import { jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const entryJumpShadowed: LintRule = {
  code: 'entry-jump-shadowed',
  severity: 'error',
  title: "a rule keeps every packet from kube-proxy's rules",
  needs: 'rules',
  holds: 'No rule without condition that ends the way of a packet stands before a jump to a KUBE chain.',
  why: 'kube-proxy puts its jumps first, but programs that start later put theirs before. What accepts, returns, drops or translates every packet makes all that follows invisible. In nat that means that Services do not exist; in POSTROUTING that nothing is masqueraded.',
  issues: ['containernetworking/plugins#512', 'kubernetes/kubernetes#72522'],
  fix: 'Move the rule behind the jumps, or give it a condition; restarting kube-proxy does not move jumps that are there.',
  check: ({ dumps }) => dumps.flatMap(({ tables }) => tables.flatMap(inTable)),
};

function inTable(table: TableView): readonly Found[] {
  return table.builtIn.flatMap(({ name }) => {
    const { stop, behind = [] } = stopIn(table, name) ?? {};
    const hidden = behind.filter(({ rule }) => isEntry(jumpOf(rule)));
    if (stop === undefined || hidden.length === 0) return [];
    const chains = [...new Set(hidden.map(({ rule }) => jumpOf(rule) ?? ''))];
    return [
      {
        message: `no packet comes past this rule of ${table.name} ${name} to ${listed(chains)}`,
        place: table.place(name, stop),
        related: placesOf(table, name, hidden),
      },
    ];
  });
}
