import type { RulesetChain, RulesetRule } from '../../../ruleset/ruleset.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { placesOf } from '../places.ts';
import { repeatedRules } from '../repeated-rules.ts';
import { jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const duplicateForeignRule: LintRule = {
  code: 'duplicate-foreign-rule',
  severity: 'info',
  title: 'a rule of others stands there several times',
  needs: 'rules',
  holds: "No rule that ends a packet's way, or leads to another chain, occurs twice in a chain.",
  why: 'The second one never does anything that the first has not done. It costs time, and it says that its owner adds without looking, or cannot read its own rules.',
  issues: ['kubernetes/kubernetes#82361', 'kubernetes/kubernetes#76431'],
  fix: 'Ask the program that owns the chain; nothing of Kubernetes is broken by it.',
  check: ({ dumps }) => dumps.flatMap(({ tables }) => tables.flatMap(inTable)),
};

function inTable(table: TableView): readonly Found[] {
  if (!table.isWhole) return [];
  return [...table.chains.values()].flatMap((chain) =>
    repeatedRules(foreignRules(chain)).map(([first, ...more]) => ({
      message: `${chain.name} has this rule ${more.length + 1} times`,
      place: table.place(chain.name, first),
      related: placesOf(table, chain.name, more),
    })),
  );
}

/** Matches that can answer differently when they are asked again, and what is not known, are no reason to complain. */
const CHANGING: ReadonlySet<string> = new Set(['statistic-random', 'statistic-nth', 'recent', 'limit', 'opaque']);
const IDLE: ReadonlySet<string> = new Set(['none', 'log', 'nflog', 'opaque']);

function foreignRules({ name, rules }: RulesetChain): readonly RulesetRule[] {
  if (name.startsWith('KUBE-')) return [];
  return rules.filter(
    ({ rule }) =>
      !IDLE.has(rule.target.kind) &&
      jumpOf(rule)?.startsWith('KUBE-') !== true &&
      !rule.matches.some(({ kind }) => CHANGING.has(kind)),
  );
}
