import { builtInChains } from '../../ruleset/built-in-chains.ts';
import { isWholeTable } from '../../ruleset/whole-table.ts';
import type { Ruleset, RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import type { Place } from './finding.ts';
import { jumpOf } from './rule-facts.ts';

/** A rule that leads to a chain, and the chain it stands in. */
export interface Reference {
  readonly chain: RulesetChain;
  readonly rule: RulesetRule;
}

/** One table of a dump, with what most checks ask of it; each part is worked out when it is first asked for. */
export class TableView {
  readonly file: string;
  readonly family: Ruleset['family'];
  readonly name: string;
  readonly chains: ReadonlyMap<string, RulesetChain>;
  /** Nothing of it is missing, so that conclusions can be drawn from what is not there. */
  readonly isWhole: boolean;
  #references: ReadonlyMap<string, readonly Reference[]> | undefined;
  #reached: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(file: string, family: Ruleset['family'], table: Ruleset['tables'][number]) {
    this.file = file;
    this.family = family;
    this.name = table.name;
    this.chains = table.chains;
    this.isWhole = isWholeTable(table);
  }

  /** The kernel's own chains, as far as they are there. */
  get builtIn(): readonly RulesetChain[] {
    return (builtInChains.get(this.name) ?? []).flatMap((name) => this.chains.get(name) ?? []);
  }

  rules(chain: string): readonly RulesetRule[] {
    return this.chains.get(chain)?.rules ?? [];
  }

  has(chain: string): boolean {
    return this.chains.has(chain);
  }

  /** Whether the chain is there and has rules. */
  hasRules(chain: string): boolean {
    return this.rules(chain).length > 0;
  }

  place(chain: string, rule?: RulesetRule): Place {
    const { file, family, name: table } = this;
    const line = rule === undefined ? this.chains.get(chain)?.line : rule.line;
    return { file, family, table, chain, line, text: rule?.rule.text };
  }

  /** The table itself, where nothing in it can be pointed at. */
  get whole(): Place {
    const { file, family, name: table } = this;
    return { file, family, table, chain: undefined, line: undefined, text: undefined };
  }

  /** The rules that lead to a chain, in the order of the dump. */
  references(chain: string): readonly Reference[] {
    return (this.#references ??= referencesIn(this.chains)).get(chain) ?? NONE;
  }

  /** Every chain that some rule leads to, whether it is there or not. */
  get referenced(): Iterable<string> {
    return (this.#references ??= referencesIn(this.chains)).keys();
  }

  /** The chains that packets of a hook (`PREROUTING` ...) can come to, itself included. */
  reachedFrom(hook: string): ReadonlySet<string> {
    this.#reached ??= new Map(this.builtIn.map(({ name }) => [name, reachable(this.chains, name)]));
    return this.#reached.get(hook) ?? NO_CHAINS;
  }

  isReached(chain: string): boolean {
    return this.builtIn.some(({ name }) => this.reachedFrom(name).has(chain));
  }
}

const NONE: readonly Reference[] = [];
const NO_CHAINS: ReadonlySet<string> = new Set();

function referencesIn(chains: ReadonlyMap<string, RulesetChain>): ReadonlyMap<string, readonly Reference[]> {
  const found = new Map<string, Reference[]>();
  for (const chain of chains.values()) {
    for (const rule of chain.rules) {
      const to = jumpOf(rule.rule);
      if (to === undefined) continue;
      const known = found.get(to);
      if (known === undefined) found.set(to, [{ chain, rule }]);
      else known.push({ chain, rule });
    }
  }
  return found;
}

function reachable(chains: ReadonlyMap<string, RulesetChain>, from: string): ReadonlySet<string> {
  const reached = new Set([from]);
  // A set that grows while it is walked: each chain is looked at once.
  for (const name of reached) {
    for (const { rule } of chains.get(name)?.rules ?? []) {
      const to = jumpOf(rule);
      if (to !== undefined) reached.add(to);
    }
  }
  return reached;
}
