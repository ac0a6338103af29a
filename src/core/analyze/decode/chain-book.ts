import type { Ruleset, RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceChainOf, type ServiceChainRole } from '../kube/service-chain.ts';
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

interface ReadChain {
  readonly steps: readonly Step[];
  readonly lines: readonly number[];
  readonly targets: readonly string[];
}

export function stepOf(at: RulesetRule): Step {
  return { at, guard: guardOf(at.rule) };
}

const NO_CHAINS: ReadonlyMap<string, RulesetChain> = new Map();

export function openChains({ tables }: Ruleset, table: string): ChainBook {
  const chains = tables.find(({ name }) => name === table)?.chains ?? NO_CHAINS;
  const known = new Map<string, ReadChain>();
  const read = (name: string): ReadChain | undefined => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const chain = chains.get(name);
    if (chain === undefined) return undefined;
    const found = readChain(chain);
    known.set(name, found);
    return found;
  };
  const roles = chainsByRole(chains.keys());
  return {
    table,
    chains,
    steps: (name) => read(name)?.steps,
    lines: (name) => read(name)?.lines ?? [],
    targets: (name) => read(name)?.targets ?? [],
    ofRole: (role) => roles.get(role) ?? [],
  };
}

function readChain({ rules }: RulesetChain): ReadChain {
  const steps: Step[] = [];
  const lines: number[] = [];
  const targets: string[] = [];
  for (const at of rules) {
    steps.push(stepOf(at));
    lines.push(at.line);
    const { target } = at.rule;
    if (target.kind === 'jump' || target.kind === 'goto') targets.push(target.chain);
  }
  return { steps, lines, targets };
}

function chainsByRole(names: Iterable<string>): ReadonlyMap<ServiceChainRole | undefined, readonly string[]> {
  const roles = new Map<ServiceChainRole | undefined, string[]>();
  for (const name of names) {
    const role = serviceChainOf(name)?.role;
    const known = roles.get(role);
    if (known === undefined) roles.set(role, [name]);
    else known.push(name);
  }
  return roles;
}
