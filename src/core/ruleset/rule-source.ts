import type { IpFamily } from '../model/ip.ts';
import type { Ruleset, RulesetChain } from './ruleset.ts';

/** Chains by name: all that is needed to follow jumps. A reader may read a chain's rules when it is asked for, and not before. */
export interface RuleSource {
  readonly family: IpFamily;
  /** Names of the tables that there are. */
  readonly tables: readonly string[];
  /** Undefined if there is none of that name. The same object each time. */
  readonly chain: (table: string, name: string) => RulesetChain | undefined;
}

export function rulesetSource({ family, tables }: Ruleset): RuleSource {
  const byName = new Map(tables.map(({ name, chains }) => [name, chains]));
  return { family, tables: [...byName.keys()], chain: (table, name) => byName.get(table)?.get(name) };
}
