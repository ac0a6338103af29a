import { isOwnChain, isSharedChain } from '../../../ruleset/owned-chains.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { counted, placesOf } from '../places.ts';
import { TakesAll } from '../takes-all.ts';

export const ruleNeverReached: LintRule = {
  code: 'rule-never-reached',
  severity: 'warning',
  title: 'rules behind one that takes every packet',
  needs: 'rules',
  holds: "In kube-proxy's chains nothing stands behind a rule without condition that ends a packet's way.",
  why: 'What stands behind is never asked: endpoints that get no connections, marks that are not set, packets that are not refused. Some rule was put at the wrong place, or lost its condition.',
  issues: ['kubernetes/kubernetes#104388', 'kubernetes/kubernetes#112477'],
  fix: 'Make kube-proxy write all rules again: restart it. If it comes back, look for a second program that writes into the chain.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const { services } = dump;
  return dump.tables.flatMap((table) => {
    const always = new TakesAll(table);
    return [...table.chains.values()].flatMap(({ name, rules }): readonly Found[] => {
      if (!table.isWhole || rules.length < 2 || !(isOwnChain(table.name, name) || isSharedChain(table.name, name)))
        return [];
      const at = rules.findIndex((rule) => always.takes(rule));
      const behind = at === -1 ? [] : rules.slice(at + 1);
      if (behind.length === 0) return [];
      const isNamed = table === services.nat;
      return [
        {
          message: `${counted(behind.length, 'rule')} of ${name} stand${behind.length === 1 ? 's' : ''} behind one that takes every packet`,
          place: table.place(name, rules[at]),
          service: isNamed ? services.serviceOf(name) : undefined,
          related: placesOf(table, name, behind),
        },
      ];
    });
  });
}
