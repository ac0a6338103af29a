import type { IpFamily } from '../../model/ip.ts';
import type { RuleSource } from '../../ruleset/rule-source.ts';
import type { RulesetChain } from '../../ruleset/ruleset.ts';
import { lineOf, type SavedChain, type SavedRules } from '../../ruleset/saved-rules.ts';
import { parseRule } from './parse-rule.ts';
import { readCounters } from './rule-counters.ts';

/**
 * The chains of a dump whose rules are read when a chain is asked for: a packet meets a few chains out of 56,000. What is wrong with a
 * rule is not told; it has opaque parts then.
 */
export function lazyRules(saved: SavedRules, family: IpFamily): RuleSource {
  const read = new Map<SavedChain, RulesetChain>();
  const byName = new Map(saved.tables.map(({ name, chains }) => [name, chains]));
  return {
    family,
    tables: [...byName.keys()],
    chain: (table, name) => {
      const chain = byName.get(table)?.get(name);
      if (chain === undefined) return undefined;
      const known = read.get(chain);
      if (known !== undefined) return known;
      const typed = readChain(chain, family);
      read.set(chain, typed);
      return typed;
    },
  };
}

function readChain(chain: SavedChain, family: IpFamily): RulesetChain {
  const { name, policy, counters, declared, line, ruleCounters } = chain;
  const texts = chain.rules.split('\n');
  texts.pop();
  const rules = texts.map((text, i) => ({
    rule: parseRule(text, family).rule,
    line: lineOf(chain, i) ?? line,
    counters: readCounters(ruleCounters?.[i]),
  }));
  return { name, policy, counters: readCounters(counters), declared, line, rules };
}
