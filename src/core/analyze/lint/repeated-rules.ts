import { printRule } from '../../ruleset/print-rule.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';

/** The rules that mean the same, comments aside; groups of two and more, by their first. */
export function repeatedRules(rules: readonly RulesetRule[]): readonly (readonly [RulesetRule, ...RulesetRule[]])[] {
  if (rules.length < 2) return [];
  const groups = new Map<string, [RulesetRule, ...RulesetRule[]]>();
  for (const rule of rules) {
    const key = withoutComments(rule.rule);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [rule]);
    else known.push(rule);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function withoutComments(rule: Rule): string {
  if (rule.leftover.length > 0) return rule.text;
  return printRule({ ...rule, matches: rule.matches.filter(({ kind }) => kind !== 'comment') });
}
