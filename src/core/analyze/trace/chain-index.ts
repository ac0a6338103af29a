import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import type { KnownAddress } from './address.ts';

/** A rule's place in its chain, from 0. */
export interface PlacedRule {
  readonly at: number;
  readonly read: RulesetRule;
}

/** Shorter chains are walked. */
const LONG = 64;

/**
 * The rules of a chain that could match a destination. Chains that list all Services have thousands of rules for one address each, and a
 * packet with one of 5000 endpoints asks them again.
 */
export class ChainIndex {
  readonly #all: readonly PlacedRule[];
  readonly #byAddress = new Map<bigint, PlacedRule[]>();
  readonly #others: PlacedRule[] = [];

  constructor({ rules }: RulesetChain) {
    this.#all = rules.map((read, at) => ({ at, read }));
    if (rules.length < LONG) return;
    for (const placed of this.#all) {
      const address = singleAddress(placed.read);
      if (address === undefined) {
        this.#others.push(placed);
        continue;
      }
      const same = this.#byAddress.get(address);
      if (same === undefined) this.#byAddress.set(address, [placed]);
      else same.push(placed);
    }
  }

  get length(): number {
    return this.#all.length;
  }

  /** In the chain's order. */
  rulesFor({ value }: KnownAddress): readonly PlacedRule[] {
    if (this.#byAddress.size === 0) return this.#all;
    const own = this.#byAddress.get(value);
    if (own === undefined) return this.#others;
    return [...own, ...this.#others].sort((a, b) => a.at - b.at);
  }

  get all(): readonly PlacedRule[] {
    return this.#all;
  }
}

/** The only destination that a rule can match. */
function singleAddress({ rule: { destination } }: RulesetRule): bigint | undefined {
  const network = destination?.network;
  if (network === undefined || destination?.negated === true) return undefined;
  return network.prefix === (network.family === 'ipv4' ? 32 : 128) ? network.base : undefined;
}
