// Why a rule of somebody else must not stand before our jump in nat PREROUTING and OUTPUT: it, or a chain that it leads to, takes packets of
// a Service for itself. The best known is CNI-HOSTPORT-DNAT, for a hostPort that is a nodePort as well.
import type { IpFamily } from '../model/ip.ts';
import type { CompiledChain, CompiledRules } from '../ruleset/compiled-rules.ts';
import { decides } from '../ruleset/deciding-target.ts';
import type { Rule } from '../ruleset/rule.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';
import type { Target } from '../ruleset/target.ts';
import { ruleLines } from './rule-lines.ts';
import { frontendsOf, type Frontend } from './thief/frontend.ts';
import { FrontendSet } from './thief/frontend-set.ts';
import { asksForLocal } from './thief/match-frontend.ts';

export interface ThiefInput {
  readonly chain: CompiledChain;
  readonly current: SavedRules;
  readonly desired: CompiledRules;
  readonly isOwn: (chain: string) => boolean;
  readonly readRule: (line: string, family: IpFamily) => Rule;
}

export interface TrafficThief {
  /** For a foreign rule of the chain, what it takes, in words; undefined if it takes nothing of ours. */
  readonly reason: (rule: string) => string | undefined;
  /** The rules that were asked for and lead to more than can be followed: whether they take anything is not known. */
  readonly unfinished: () => readonly string[];
}

/** Chains other than nat PREROUTING and OUTPUT have no thieves. */
export function trafficThief(input: ThiefInput): TrafficThief {
  const { table, name } = input.chain;
  if (table !== 'nat' || (name !== 'PREROUTING' && name !== 'OUTPUT'))
    return { reason: () => undefined, unfinished: () => [] };
  let search: ThiefSearch | undefined;
  return {
    reason: (rule) => (search ??= new ThiefSearch(input)).reason(rule),
    unfinished: () => search?.unfinished() ?? [],
  };
}

/** Chains deeper than this are not followed; the kernel's own limit for nested jumps was 16 in places. */
const MAX_DEPTH = 32;
/** Rules looked at per foreign rule: chains that lead to the same chains again and again would take for ever. */
const MAX_STEPS = 20_000;

class ThiefSearch {
  readonly #input: ThiefInput;
  readonly #all: FrontendSet;
  readonly #chains: ReadonlyMap<string, readonly string[]>;
  readonly #parsed = new Map<string, Rule>();
  readonly #reasons = new Map<string, string | undefined>();
  readonly #unfinished = new Set<string>();
  #steps = 0;
  #isTooDeep = false;

  constructor(input: ThiefInput) {
    this.#input = input;
    this.#all = new FrontendSet(frontendsOf(input.desired, (line) => this.#read(line)));
    const nat = input.current.tables.find(({ name }) => name === 'nat');
    const foreign = [...(nat?.chains.values() ?? [])].filter(({ name }) => !input.isOwn(name));
    this.#chains = new Map(foreign.map(({ name, rules }) => [name, ruleLines(rules)]));
  }

  /** A rule is asked for again after each attempt to mend the chain. */
  reason(line: string): string | undefined {
    if (!this.#reasons.has(line)) this.#reasons.set(line, this.#search(line));
    return this.#reasons.get(line);
  }

  unfinished(): readonly string[] {
    return [...this.#unfinished];
  }

  #search(line: string): string | undefined {
    this.#steps = 0;
    this.#isTooDeep = false;
    const rule = this.#read(line);
    const matching = this.#all.matching(rule, false);
    if (matching.frontends.length === 0) return undefined;
    const { target } = rule;
    // Packets that leave the built-in chain never come to our jump, whatever the chain behind -g does.
    if (target.kind === 'return' || target.kind === 'goto') return taken(target, line, matching);
    const victims = this.#victims(rule, matching, asksForLocal(rule), []);
    if (victims !== undefined) return taken(target, line, victims);
    if (this.#isTooDeep || this.#steps > MAX_STEPS) this.#unfinished.add(line);
    return undefined;
  }

  #read(line: string): Rule {
    const known = this.#parsed.get(line);
    if (known !== undefined) return known;
    const rule = this.#input.readRule(line, this.#input.desired.family);
    this.#parsed.set(line, rule);
    return rule;
  }

  /** Those of `matching` that a rule, or what it jumps to, takes. */
  #victims({ target }: Rule, matching: FrontendSet, local: boolean, path: readonly string[]): FrontendSet | undefined {
    if (target.kind !== 'jump' && target.kind !== 'goto') return decides(target) ? matching : undefined;
    const { chain } = target;
    // The kernel takes no circle; what leads into one is nothing that a node has.
    if (path.includes(chain)) return undefined;
    if (path.length >= MAX_DEPTH) {
      this.#isTooDeep = true;
      return undefined;
    }
    return this.#victimsOf(this.#chains.get(chain) ?? [], matching, local, [...path, chain]);
  }

  #victimsOf(
    lines: readonly string[],
    coming: FrontendSet,
    local: boolean,
    path: readonly string[],
  ): FrontendSet | undefined {
    const gone = new Set<Frontend>();
    for (const line of lines) {
      if (gone.size === coming.frontends.length || ++this.#steps > MAX_STEPS) return undefined;
      const rule = this.#read(line);
      const matching = coming.matching(rule, local, gone);
      if (matching.frontends.length === 0) continue;
      const victims = this.#victims(rule, matching, local || asksForLocal(rule), path);
      if (victims !== undefined) return victims;
      if (rule.target.kind !== 'return' && rule.target.kind !== 'goto') continue;
      for (const frontend of coming.sure(rule, local)) gone.add(frontend);
    }
    return undefined;
  }
}

function taken(target: Target, line: string, { frontends }: FrontendSet): string {
  const rule = target.kind === 'jump' || target.kind === 'goto' ? target.chain : `the rule ${JSON.stringify(line)}`;
  const [first] = frontends;
  const more = frontends.length > 1 ? ` (and ${frontends.length - 1} more)` : '';
  return `${rule} takes ${first?.label ?? 'packets'}${more}`;
}
