// Follows jumps from a chain to the endpoints that it can end at, with exact chances: what rules do, whatever their chains are called. A
// chain is walked once for each class of sources that it tells apart, so that neither many Services at one chain nor chains that lead to
// one chain by many ways cost more than they are long.
import type { Rule } from '../../ruleset/rule.ts';
import type { Chance } from './chance.ts';
import type { ChainBook, Step } from './chain-book.ts';
import type { SourceClass } from './decoded-rules.ts';
import { endpointChain, endpointRule, type EndpointRules } from './endpoint-chain.ts';
import type { Guard } from './guard.ts';
import { FALLS_THROUGH, OutcomeBuilder, type Outcome } from './outcome.ts';

/** What the rules of nat mean. */
export interface Terrain {
  readonly nat: ChainBook;
  /** The rule marks packets for masquerading, by itself or by a jump. */
  readonly marksForMasquerade: (rule: Rule) => boolean;
  readonly masquerades: (step: Step) => boolean;
  /** The rule marks packets to be dropped. */
  readonly drops: (step: Step) => boolean;
  /** Whether a test of the source tells Pods of this node: `-s 10.244.0.0/16`. */
  readonly isDetector: (text: string) => boolean;
}

/** nft allows jumps to be nested 16 deep (NFT_JUMP_STACK_SIZE); nobody's are deeper in iptables-legacy. */
const DEEPEST = 16;

export class ChainWalker {
  /** Rules whose effect was left out of account, with the reason. */
  readonly skipped: Map<Step, string> = new Map();
  readonly #terrain: Terrain;
  readonly #endpoints = new Map<string, EndpointRules | undefined>();
  readonly #known = new Map<string, Outcome>();
  readonly #walking = new Set<string>();

  constructor(terrain: Terrain) {
    this.#terrain = terrain;
  }

  /** A chain as an endpoint, if it is one. */
  endpoint(chain: string): EndpointRules | undefined {
    const known = this.#endpoints.get(chain);
    if (known !== undefined || this.#endpoints.has(chain)) return known;
    const { nat, marksForMasquerade } = this.#terrain;
    const found = endpointChain(chain, nat.chains.get(chain), marksForMasquerade);
    this.#endpoints.set(chain, found);
    return found;
  }

  /** Of packets with such a source. In a chain of source ranges it is one that some range holds. */
  outcome(chain: string, source: SourceClass): Outcome {
    const known = this.#known.get(chain) ?? this.#known.get(`${source} ${chain}`);
    if (known !== undefined) return known;
    this.#walking.add(chain);
    const found = this.#walk(chain, source);
    this.#walking.delete(chain);
    this.#known.set(found.sourced ? `${source} ${chain}` : chain, found);
    return found;
  }

  #walk(chain: string, source: SourceClass): Outcome {
    const builder = new OutcomeBuilder(chain);
    for (const step of this.#terrain.nat.steps(chain) ?? []) {
      const { guard } = step;
      if (guard.remembered !== undefined || this.#isIdle(step)) continue;
      if (!isFollowed(guard)) {
        this.skipped.set(step, 'it depends on more than decode follows');
        continue;
      }
      if (builder.left === undefined) continue;
      if (guard.source !== undefined || guard.fromLocal !== undefined) builder.sourced = true;
      if (!isFrom(guard, source, this.#terrain)) continue;
      const taken = builder.take(guard);
      if (taken !== undefined) this.#follow(builder, step, taken, source);
    }
    return builder.result();
  }

  #follow(builder: OutcomeBuilder, step: Step, taken: Chance, source: SourceClass): void {
    const { target } = step.at.rule;
    if (this.#terrain.drops(step)) return builder.drop(taken);
    if (target.kind === 'jump' || target.kind === 'goto') {
      const inner = this.#enter(builder, step, target.chain, taken, source);
      if (inner !== undefined) builder.enter(inner, taken, target.kind === 'goto');
      return;
    }
    const direct = endpointRule(step);
    if (direct !== undefined) return builder.pick(direct, builder.chain, taken);
    if (target.kind === 'return') return builder.return(taken);
    if (target.kind === 'drop' || target.kind === 'reject') return builder.drop(taken);
    if (target.kind !== 'accept') this.skipped.set(step, 'its target is none that decode follows');
    builder.accept(taken);
  }

  #enter(builder: OutcomeBuilder, step: Step, chain: string, taken: Chance, source: SourceClass): Outcome | undefined {
    const endpoint = this.endpoint(chain);
    if (endpoint !== undefined) {
      builder.pick(endpoint, builder.chain, taken);
      return undefined;
    }
    if (!this.#terrain.nat.chains.has(chain)) {
      this.skipped.set(step, `there is no chain ${chain} in the dump`);
      return FALLS_THROUGH;
    }
    if (!this.#walking.has(chain) && this.#walking.size < DEEPEST) return this.outcome(chain, source);
    this.skipped.set(
      step,
      this.#walking.has(chain) ? 'its jump leads round in a circle' : 'its jump is nested too deep',
    );
    builder.accept(taken);
    return undefined;
  }

  /** Changes nothing about where a packet goes. */
  #isIdle(step: Step): boolean {
    const { kind } = step.at.rule.target;
    if (this.#terrain.drops(step)) return false;
    if (kind === 'none' || kind === 'mark' || kind === 'connmark' || kind === 'log' || kind === 'nflog') return true;
    return this.#terrain.masquerades(step);
  }
}

/** Depends on chance, memory and source alone. */
function isFollowed({ destination, port, toLocal, sets, other }: Guard): boolean {
  return (
    destination === undefined && port === undefined && toLocal === undefined && sets.length === 0 && other.length === 0
  );
}

/** Whether a packet of that class gets past the test of its source. Tests that tell no Pods are ranges, and it is from one of them. */
export function isFrom(guard: Guard, source: SourceClass, { isDetector }: Pick<Terrain, 'isDetector'>): boolean {
  if (guard.fromLocal !== undefined && guard.fromLocal !== (source === 'node')) return false;
  if (guard.source === undefined || !isDetector(guard.source.text)) return true;
  return (source === 'pod') !== guard.source.negated;
}
