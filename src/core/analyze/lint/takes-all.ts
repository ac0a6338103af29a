import type { RulesetRule } from '../../ruleset/ruleset.ts';
import { isEndpointChain } from './endpoint-chain.ts';
import { endsChain, isUnconditional, jumpOf } from './rule-facts.ts';
import type { TableView } from './table-view.ts';

/** Rules of a table that no packet comes past. Each chain is looked into once. */
export class TakesAll {
  readonly #table: TableView;
  /** Whether no packet comes back; a chain that is being looked into is said not to keep them. */
  readonly #keeps = new Map<string, boolean>();

  constructor(table: TableView) {
    this.#table = table;
  }

  takes({ rule }: RulesetRule): boolean {
    if (!isUnconditional(withoutSure(rule))) return false;
    const to = jumpOf(rule);
    return endsChain(rule.target) || (to !== undefined && this.#keepsAll(to));
  }

  #keepsAll(chain: string): boolean {
    // Nothing comes back from the chain of an endpoint.
    if (isEndpointChain(chain)) return true;
    const known = this.#keeps.get(chain);
    if (known !== undefined) return known;
    this.#keeps.set(chain, false);
    const keeps = this.#look(chain);
    this.#keeps.set(chain, keeps);
    return keeps;
  }

  #look(chain: string): boolean {
    for (const rule of this.#table.rules(chain)) {
      const { target } = rule.rule;
      if (target.kind === 'return') return false;
      if (target.kind === 'goto') {
        // Whoever falls out of the other chain is back where this one was entered.
        if (!this.#keepsAll(target.chain)) return false;
        if (isUnconditional(withoutSure(rule.rule))) return true;
      } else if (this.takes(rule)) return true;
    }
    return false;
  }
}

/** Without a probability that is always. */
function withoutSure(rule: RulesetRule['rule']): RulesetRule['rule'] {
  const last = rule.matches.at(-1);
  const isSure = last?.kind === 'statistic-random' && !last.negated && last.threshold >= 2 ** 31;
  return isSure ? { ...rule, matches: rule.matches.slice(0, -1) } : rule;
}
