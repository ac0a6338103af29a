// Follows jumps from a chain to the endpoints that it can end at, with exact chances: what rules do, whatever their chains are called. A
// chain is walked once for each class of sources that it tells apart, so that neither many Services at one chain nor chains that lead to
// one chain by many ways cost more than they are long.
import type { Rule } from '../../ruleset/rule.ts';
import type { Target } from '../../ruleset/target.ts';
import type { Chance } from './chance.ts';
import type { ChainBook, Step } from './chain-book.ts';
import type { SourceClass } from './decoded-rules.ts';
import { endpointChain, endpointRule, type EndpointRules } from './endpoint-chain.ts';
import { isUnconditional, type Guard } from './guard.ts';
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

/** A rule that takes packets somewhere. */
export interface Move {
  readonly step: Step;
  /** Where it leads to one. */
  readonly endpoint: EndpointRules | undefined;
  readonly drops: boolean;
}

/** `isLate`: some packets have got their endpoint before. `end`: all have. */
export type WayRule =
  | { readonly kind: 'mark'; readonly step: Step; readonly isLate: boolean }
  | { readonly kind: 'onward'; readonly step: Step; readonly chain: string }
  | { readonly kind: 'end' };

export interface SortedChain {
  /** What is met before an endpoint is chosen for all packets. */
  readonly way: WayRule[];
  /** Jumps to other chains. */
  readonly onward: Step[];
  /** All that take packets somewhere, in their order. */
  readonly moves: Move[];
  /** For clients that were there before. */
  readonly remembering: Step[];
  /** Those that set a mark that means nothing to kube-proxy. */
  readonly odd: Step[];
}

/** nft allows jumps to be nested 16 deep (NFT_JUMP_STACK_SIZE); nobody's are deeper in iptables-legacy. */
const DEEPEST = 16;

export class ChainWalker {
  /** Rules whose effect was left out of account, with the reason. */
  readonly skipped: Map<Step, string> = new Map();
  readonly #terrain: Terrain;
  /** null for a chain that is none. */
  readonly #endpoints = new Map<string, EndpointRules | null>();
  readonly #known = new Map<string, Outcome>();
  readonly #sorted = new Map<string, SortedChain>();
  readonly #walking = new Set<string>();

  constructor(terrain: Terrain) {
    this.#terrain = terrain;
  }

  /** A chain as an endpoint, if it is one. */
  endpoint(chain: string): EndpointRules | undefined {
    const known = this.#endpoints.get(chain);
    if (known !== undefined) return known ?? undefined;
    const { nat, marksForMasquerade } = this.#terrain;
    const found = endpointChain(chain, nat.chains.get(chain), marksForMasquerade);
    this.#endpoints.set(chain, found ?? null);
    return found;
  }

  /** Whether a rule has led there so far, or somebody has asked. */
  hasMet(chain: string): boolean {
    return this.#endpoints.has(chain);
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

  /** What the rules of a chain are for. They are sorted once: rules lie far apart in memory, and there are many. */
  sorted(chain: string): SortedChain {
    const known = this.#sorted.get(chain);
    if (known !== undefined) return known;
    let isLate = false;
    const sorted: SortedChain = { way: [], onward: [], moves: [], remembering: [], odd: [] };
    for (const step of this.#terrain.nat.steps(chain) ?? []) {
      const { target } = step.at.rule;
      const drops = this.#terrain.drops(step);
      if (step.guard.remembered !== undefined) sorted.remembering.push(step);
      if (this.#terrain.masquerades(step)) sorted.way.push({ kind: 'mark', step, isLate });
      else if ((target.kind === 'jump' || target.kind === 'goto') && !drops) {
        const endpoint = this.endpoint(target.chain);
        if (endpoint === undefined) {
          sorted.onward.push(step);
          sorted.way.push({ kind: 'onward', step, chain: target.chain });
        } else {
          isLate = true;
          if (isUnconditional(step.guard)) sorted.way.push({ kind: 'end' });
        }
        sorted.moves.push({ step, endpoint, drops });
      } else if (!drops && isMarking(target)) sorted.odd.push(step);
      else if (drops || !isIdle(target)) sorted.moves.push({ step, endpoint: endpointRule(step), drops });
    }
    this.#sorted.set(chain, sorted);
    return sorted;
  }

  #walk(chain: string, source: SourceClass): Outcome {
    const builder = new OutcomeBuilder(chain);
    for (const move of this.sorted(chain).moves) {
      const { guard } = move.step;
      if (guard.remembered !== undefined) continue;
      if (!isFollowed(guard)) {
        this.skipped.set(move.step, 'it depends on more than decode follows');
        continue;
      }
      if (builder.left === undefined) continue;
      if (guard.source !== undefined || guard.fromLocal !== undefined) builder.sourced = true;
      if (!isFrom(guard, source, this.#terrain)) continue;
      const taken = builder.take(guard);
      if (taken !== undefined) this.#follow(builder, move, taken, source);
    }
    return builder.result();
  }

  #follow(builder: OutcomeBuilder, { step, endpoint, drops }: Move, taken: Chance, source: SourceClass): void {
    const { target } = step.at.rule;
    if (drops) return builder.drop(taken);
    if (endpoint !== undefined) return builder.pick(endpoint, builder.chain, taken);
    if (target.kind === 'jump' || target.kind === 'goto') {
      const inner = this.#enter(builder, step, target.chain, taken, source);
      if (inner !== undefined) builder.enter(inner, taken, target.kind === 'goto');
      return;
    }
    if (target.kind === 'return') return builder.return(taken);
    if (target.kind === 'drop' || target.kind === 'reject') return builder.drop(taken);
    if (target.kind !== 'accept') this.skipped.set(step, 'its target is none that decode follows');
    builder.accept(taken);
  }

  #enter(builder: OutcomeBuilder, step: Step, chain: string, taken: Chance, source: SourceClass): Outcome | undefined {
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
}

function isMarking({ kind }: Target): boolean {
  return kind === 'mark' || kind === 'connmark';
}

/** Changes nothing about a packet. */
function isIdle({ kind }: Target): boolean {
  return kind === 'none' || kind === 'log' || kind === 'nflog';
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
