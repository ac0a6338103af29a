import type { RulesetChain } from '../../../ruleset/ruleset.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { placesOf } from '../places.ts';
import { repeatedMeanings, repeatedRules } from '../repeated-rules.ts';
import { jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const duplicateRule: LintRule = {
  code: 'duplicate-rule',
  severity: 'warning',
  title: 'a rule of Kubernetes stands there several times',
  needs: 'rules',
  holds: 'No rule occurs twice in a KUBE chain, and each chain is jumped to once from each built-in chain.',
  why: 'A program asks iptables whether its rule is there, is told no, and adds it again: its version cannot read what it (or another) wrote. iptables 1.8.1 and 1.8.2 did so with every rule that has a comment or a mark. The list grows with each sync, and with it the cost of every packet.',
  issues: [
    'kubernetes/kubernetes#82361',
    'kubernetes/kubernetes#76431',
    'k3s-io/k3s#7244',
    'cloudnativelabs/kube-router#1675',
  ],
  fix: 'Give all programs of the node one version of iptables, newer than 1.8.2; then flush the chain (iptables -F CHAIN), or reboot, so that its owner writes it anew.',
  check: ({ dumps }) => dumps.flatMap(({ tables }) => tables.flatMap(inTable)),
};

function inTable(table: TableView): readonly Found[] {
  if (!table.isWhole) return [];
  return [...table.chains.values()].flatMap((chain) =>
    repeatedIn(chain).map(([first, ...more]) => ({
      message: `${chain.name} has this rule ${more.length + 1} times`,
      place: table.place(chain.name, first),
      related: placesOf(table, chain.name, more),
    })),
  );
}

/** In the kernel's own chains those that lead to chains of Kubernetes, whose comments have changed from version to version. */
function repeatedIn({ name, policy, rules }: RulesetChain): ReturnType<typeof repeatedRules> {
  // A Service whose list of source ranges has one twice gets two rules.
  if (name.startsWith('KUBE-FW-')) return [];
  if (name.startsWith('KUBE-')) return repeatedRules(rules);
  if (policy === '-') return [];
  return repeatedMeanings(rules.filter(({ rule }) => jumpOf(rule)?.startsWith('KUBE-') === true));
}
