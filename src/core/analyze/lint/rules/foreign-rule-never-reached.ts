import type { LintRule } from '../lint-rule.ts';
import { counted, placesOf } from '../places.ts';
import { endsChain, isUnconditional } from '../rule-facts.ts';

export const foreignRuleNeverReached: LintRule = {
  code: 'foreign-rule-never-reached',
  severity: 'info',
  title: 'rules of others behind one that takes every packet',
  needs: 'rules',
  holds: 'In chains of others nothing stands behind a rule without condition that accepts, drops or returns.',
  why: 'What stands behind is never asked. Often it was appended to a chain that ends with a general rule, such as -j RETURN in DOCKER-USER, and its author believes it to be in force.',
  issues: [],
  fix: 'Insert such rules (iptables -I) where they are to be asked; nothing of Kubernetes is broken by it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ tables }) =>
      tables.flatMap((table) =>
        [...table.chains.values()].flatMap(({ name, policy, rules }) => {
          if (!table.isWhole || name.startsWith('KUBE-') || policy !== '-' || rules.length < 2) return [];
          const at = rules.findIndex(({ rule }) => isUnconditional(rule) && endsChain(rule.target));
          const behind = at === -1 ? [] : rules.slice(at + 1);
          if (behind.length === 0) return [];
          return [
            {
              message: `${counted(behind.length, 'rule')} of ${name} stand${behind.length === 1 ? 's' : ''} behind one that takes every packet`,
              place: table.place(name, rules[at]),
              related: placesOf(table, name, behind),
            },
          ];
        }),
      ),
    ),
};
