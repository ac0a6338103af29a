import { CERTAIN, partOf, product, sum, type Chance } from './chance.ts';
import type { EndpointRules } from './endpoint-chain.ts';
import type { Guard } from './guard.ts';

/** What comes of packets that enter a chain, as parts of all that do. */
export interface Outcome {
  /** By the endpoint's key, in the order of the rules. */
  readonly picks: ReadonlyMap<string, Picked>;
  /** Goes on behind the jump. */
  readonly rest: Chance | undefined;
  /** Is marked to be dropped, or is. */
  readonly dropped: Chance | undefined;
  /** Leaves the table as it came. */
  readonly accepted: Chance | undefined;
  /** Where it came from made a difference. */
  readonly sourced: boolean;
}

export interface Picked {
  readonly endpoint: EndpointRules;
  /** The chain that chose it. */
  readonly via: string;
  readonly chance: Chance;
}

export const FALLS_THROUGH: Outcome = {
  picks: new Map(),
  rest: CERTAIN,
  dropped: undefined,
  accepted: undefined,
  sourced: false,
};

/** Packets on their way through one chain. */
export class OutcomeBuilder {
  readonly chain: string;
  sourced = false;
  /** Those that no rule has taken yet. */
  left: Chance | undefined = CERTAIN;
  readonly #picks = new Map<string, Picked>();
  #behind: Chance | undefined;
  #dropped: Chance | undefined;
  #accepted: Chance | undefined;

  constructor(chain: string) {
    this.chain = chain;
  }

  /** What a rule takes of those that are left. */
  take({ odds }: Guard): Chance | undefined {
    if (this.left === undefined || odds === undefined) {
      const all = this.left;
      this.left = undefined;
      return all;
    }
    const { numerator, denominator } = odds;
    const taken = partOf(this.left, numerator, denominator);
    this.left = partOf(this.left, denominator - numerator, denominator);
    return taken;
  }

  pick(endpoint: EndpointRules, via: string, chance: Chance): void {
    const before = this.#picks.get(endpoint.key);
    if (before === undefined) this.#picks.set(endpoint.key, { endpoint, via, chance });
    else this.#picks.set(endpoint.key, { ...before, chance: sum(before.chance, chance) ?? chance });
  }

  /** @param behind a goto: what falls out of that chain does not come back to this one */
  enter(inner: Outcome, taken: Chance, behind: boolean): void {
    for (const { endpoint, via, chance } of inner.picks.values()) this.pick(endpoint, via, product(taken, chance));
    const of = (part: Chance | undefined): Chance | undefined => (part === undefined ? part : product(taken, part));
    this.drop(of(inner.dropped));
    this.accept(of(inner.accepted));
    if (behind) this.return(of(inner.rest));
    else this.left = sum(this.left, of(inner.rest));
    if (inner.sourced) this.sourced = true;
  }

  drop(chance: Chance | undefined): void {
    this.#dropped = sum(this.#dropped, chance);
  }

  accept(chance: Chance | undefined): void {
    this.#accepted = sum(this.#accepted, chance);
  }

  return(chance: Chance | undefined): void {
    this.#behind = sum(this.#behind, chance);
  }

  result(): Outcome {
    return {
      picks: this.#picks,
      rest: sum(this.left, this.#behind),
      dropped: this.#dropped,
      accepted: this.#accepted,
      sourced: this.sourced,
    };
  }
}
