import type { Ruleset, RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceChainOf, type ServiceChainRole } from '../kube/service-chain.ts';
import { guardOf, type Guard } from './guard.ts';

/** A rule, and which packets it is about. */
export interface Step {
  readonly at: RulesetRule;
  readonly guard: Guard;
}

/** The chains of one table. Rules are looked into when they are asked for. */
export interface ChainBook {
  readonly table: string;
  readonly chains: ReadonlyMap<string, RulesetChain>;
  /** Undefined where there is no such chain. */
  readonly steps: (chain: string) => readonly Step[] | undefined;
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
  const read = new Map<string, readonly Step[]>();
  const led = new Map<string, readonly string[]>();
  const steps = (name: string): readonly Step[] | undefined => {
    const known = read.get(name);
    if (known !== undefined) return known;
    const chain = chains.get(name);
    if (chain === undefined) return undefined;
    const found: Step[] = [];
    const jumps: string[] = [];
    for (const at of chain.rules) {
      found.push(stepOf(at));
      const { target } = at.rule;
      if (target.kind === 'jump' || target.kind === 'goto') jumps.push(target.chain);
    }
    read.set(name, found);
    led.set(name, jumps);
    return found;
  };
  const targets = (name: string): readonly string[] => {
    if (!led.has(name)) steps(name);
    return led.get(name) ?? [];
  };
  const roles = new Map<ServiceChainRole | undefined, string[]>();
  for (const name of chains.keys()) {
    const role = serviceChainOf(name)?.role;
    const known = roles.get(role);
    if (known === undefined) roles.set(role, [name]);
    else known.push(name);
  }
  return { table, chains, steps, targets, ofRole: (role) => roles.get(role) ?? [] };
}
