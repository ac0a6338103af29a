import type { Match } from '../../ruleset/match.ts';
import { printRule } from '../../ruleset/print-rule.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';

/** A rule that leads to another chain. */
export interface ChainJump {
  readonly to: string;
  /** What it asks, as in the dump, without comments: `-s 10.244.0.0/16`; "" for everything. */
  readonly condition: string;
}

/** The jumps and gotos of a chain of nat, in the order of its rules. */
export type JumpsOf = (chain: string) => readonly ChainJump[];

export function chainJumps(ruleset: Ruleset): JumpsOf {
  const chains = ruleset.tables.find(({ name }) => name === 'nat')?.chains;
  return (name) =>
    (chains?.get(name)?.rules ?? []).flatMap(({ rule }) =>
      rule.target.kind === 'jump' || rule.target.kind === 'goto'
        ? [{ to: rule.target.chain, condition: conditionOf(rule) }]
        : [],
    );
}

/** Shares tell about statistic, and what xt_recent remembers is told as affinity. */
const TOLD_ELSEWHERE: ReadonlySet<Match['kind']> = new Set<Match['kind']>([
  'comment',
  'statistic-random',
  'statistic-nth',
  'recent',
]);

function conditionOf(rule: Rule): string {
  if (rule.leftover.length > 0) return 'not understood';
  const matches = rule.matches.filter(({ kind }) => !TOLD_ELSEWHERE.has(kind));
  const chain = 'X';
  return printRule({ ...rule, chain, matches, target: { kind: 'none' } })
    .slice('-A X'.length)
    .replaceAll(/ -m \S+/g, '')
    .trim();
}
