import { printRule } from '../../ruleset/print-rule.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';

type Group = readonly [RulesetRule, ...RulesetRule[]];

/** Rules that are the same word for word; groups of two and more, by their first. */
export function repeatedRules(rules: readonly RulesetRule[]): readonly Group[] {
  return repeatedBy(rules, ({ rule }) => rule.text);
}

/** Rules that are the same but for their comments. */
export function repeatedMeanings(rules: readonly RulesetRule[]): readonly Group[] {
  return repeatedBy(rules, ({ rule }) => withoutComments(rule));
}

function repeatedBy(rules: readonly RulesetRule[], keyOf: (rule: RulesetRule) => string): readonly Group[] {
  if (rules.length < 2) return [];
  const groups = new Map<string, [RulesetRule, ...RulesetRule[]]>();
  for (const rule of rules) {
    const key = keyOf(rule);
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
