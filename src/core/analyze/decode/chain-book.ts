import type { Ruleset, RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceChainOf } from '../kube/service-chain.ts';
import { guardOf, type Guard } from './guard.ts';

/** A rule, and which packets it is about. */
export interface Step {
  readonly at: RulesetRule;
  readonly guard: Guard;
}

/**
 * The chains of one table. Rules are looked into when they are asked for. Those of endpoints, which are most of all, are not kept: they are
 * asked for once.
 */
export interface ChainBook {
  readonly table: string;
  readonly chains: ReadonlyMap<string, RulesetChain>;
  /** Undefined where there is no such chain. */
  readonly steps: (chain: string) => readonly Step[] | undefined;
}

const NO_CHAINS: ReadonlyMap<string, RulesetChain> = new Map();

export function openChains({ tables }: Ruleset, table: string): ChainBook {
  const chains = tables.find(({ name }) => name === table)?.chains ?? NO_CHAINS;
  const read = new Map<string, readonly Step[]>();
  const steps = (name: string): readonly Step[] | undefined => {
    const known = read.get(name);
    if (known !== undefined) return known;
    const chain = chains.get(name);
    if (chain === undefined) return undefined;
    const found = chain.rules.map((at) => ({ at, guard: guardOf(at.rule) }));
    if (serviceChainOf(name)?.role !== 'endpoint') read.set(name, found);
    return found;
  };
  return { table, chains, steps };
}
