import type { Ruleset, RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceChainRole, type ServiceChainRole } from '../kube/service-chain.ts';
import { guardOf, type Guard } from './guard.ts';

/** A rule, and which packets it is about. */
export interface Step {
  readonly at: RulesetRule;
  readonly guard: Guard;
}

/** The chains of one table. Rules are looked into when they are asked for, and once: they lie far apart in memory, and there are many. */
export interface ChainBook {
  readonly table: string;
  readonly chains: ReadonlyMap<string, RulesetChain>;
  /** Undefined where there is no such chain. */
  readonly steps: (chain: string) => readonly Step[] | undefined;
  /** The line of each of its rules. */
  readonly lines: (chain: string) => readonly number[];
  /** The chains that its rules jump to. */
  readonly targets: (chain: string) => readonly string[];
  /** Names of chains, in the order of the dump; undefined for those that are of no service port. */
  readonly ofRole: (role: ServiceChainRole | undefined) => readonly string[];
}

export function stepOf(at: RulesetRule): Step {
  return { at, guard: guardOf(at.rule) };
}

const NO_CHAINS: ReadonlyMap<string, RulesetChain> = new Map();

export function openChains({ tables }: Ruleset, table: string): ChainBook {
  const chains = tables.find(({ name }) => name === table)?.chains ?? NO_CHAINS;
  const known = new Map<string, readonly Step[]>();
  const steps = (name: string): readonly Step[] | undefined => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = chains.get(name)?.rules.map(stepOf);
    if (found !== undefined) known.set(name, found);
    return found;
  };
  const roles = chainsByRole(chains.keys());
  return {
    table,
    chains,
    steps,
    lines: (name) => chains.get(name)?.rules.map(({ line }) => line) ?? [],
    targets: (name) => targetsOf(chains.get(name)),
    ofRole: (role) => roles.get(role) ?? [],
  };
}

function targetsOf(chain: RulesetChain | undefined): readonly string[] {
  const targets: string[] = [];
  for (const { rule } of chain?.rules ?? []) {
    const { target } = rule;
    if (target.kind === 'jump' || target.kind === 'goto') targets.push(target.chain);
  }
  return targets;
}

function chainsByRole(names: Iterable<string>): ReadonlyMap<ServiceChainRole | undefined, readonly string[]> {
  const roles = new Map<ServiceChainRole | undefined, string[]>();
  for (const name of names) {
    const role = serviceChainRole(name);
    const known = roles.get(role);
    if (known === undefined) roles.set(role, [name]);
    else known.push(name);
  }
  return roles;
}
