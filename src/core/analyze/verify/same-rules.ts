import { builtInChains } from '../../ruleset/built-in-chains.ts';
import type { ChainProgram } from './chain-program.ts';
import type { Place } from './place.ts';
import type { Places } from './places.ts';
import type { Programs } from './programs.ts';
import type { RuleProgram } from './rule-program.ts';
import type { Workspace } from './workspace.ts';

/**
 * Where two rule sets have the same rules: there they do the same, and nothing has to be followed. Most changes concern one chain out of
 * thousands.
 */
export class SameRules {
  readonly #before: Programs;
  readonly #after: Programs;
  /** Chains, `table/name`, that are not the same word by word. */
  readonly #differing: ReadonlySet<string>;
  /** Some translation leads to where later rules differ. */
  readonly #leadsAway: boolean;

  constructor(work: Workspace, before: Programs, after: Programs, laterPlaces: Places) {
    this.#before = before;
    this.#after = after;
    this.#differing = new Set([...before.chainNames(), ...after.chainNames()].filter((key) => this.#differs(key)));
    this.#leadsAway = [...before.rules, ...after.rules].some((rule) => this.#leads(rule, work, laterPlaces));
  }

  /** Whether every packet to a place meets the same rules on its whole way. */
  at(place: Place): boolean {
    if (this.#differing.size === 0) return true;
    return !this.#leadsAway && this.#meetSame(place, builtIn());
  }

  #differs(key: string): boolean {
    const [left, right] = [this.#before.byKey(key), this.#after.byKey(key)];
    if (left === undefined || right === undefined) return true;
    if (left.policy !== right.policy || left.rules.length !== right.rules.length) return true;
    return left.rules.some((rule, i) => !isTwin(rule, right.rules[i]));
  }

  #leads(rule: RuleProgram, work: Workspace, places: Places): boolean {
    const { target } = rule;
    if (target.kind === 'redirect') return this.#differing.size > 0;
    if (target.kind !== 'dnat' || this.#differing.size === 0) return false;
    const translation = work.translation(rule);
    if (translation?.address === undefined) return true;
    const { address, port } = translation;
    const later = builtIn().filter((key) => key !== 'nat/PREROUTING' && key !== 'nat/OUTPUT');
    return [6, 17, 132].some((protocol) => !this.#meetSame(places.of(address, protocol, port ?? 0), later));
  }

  /** Follows jumps in the first rule set; where no chain on the way differs, the second has the same ones. */
  #meetSame(place: Place, from: readonly string[]): boolean {
    const seen = new Set<string>();
    const todo = [...from];
    for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
      if (seen.has(key)) continue;
      seen.add(key);
      const chain = this.#before.byKey(key);
      const rules = chain?.rulesFor(place) ?? [];
      if (this.#differing.has(key) && !this.#alike(chain, this.#after.byKey(key), place)) return false;
      for (const { table, target } of rules) {
        if (target.kind === 'jump' || target.kind === 'goto') todo.push(`${table}/${target.chain}`);
      }
    }
    return true;
  }

  #alike(left: ChainProgram | undefined, right: ChainProgram | undefined, place: Place): boolean {
    if ((left?.policy ?? 'ACCEPT') !== (right?.policy ?? 'ACCEPT')) return false;
    const [a, b] = [left?.rulesFor(place) ?? [], right?.rulesFor(place) ?? []];
    return a.length === b.length && a.every((rule, i) => isTwin(rule, b[i]));
  }
}

/** The same words in the same table; what only one rule decides, such as a limit, is shared between twins. */
function isTwin(a: RuleProgram, b: RuleProgram | undefined): boolean {
  return b !== undefined && a.read.rule.text === b.read.rule.text && a.conditionId === b.conditionId;
}

let names: readonly string[] | undefined;

function builtIn(): readonly string[] {
  names ??= [...builtInChains].flatMap(([table, chains]) => chains.map((chain) => `${table}/${chain}`));
  return names;
}
