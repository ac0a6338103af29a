import type { TextMatch } from '../../ruleset/rule-values.ts';
import * as level from './levels.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import { LOCAL, type Place } from './place.ts';
import type { RuleProgram } from './rule-program.ts';
import type { View } from './view.ts';
import type { Workspace } from './workspace.ts';

/** What this needs of the matcher that it is a part of. */
interface MatcherTools {
  readonly typed: (types: number, place: Place, typeLevel: number) => Diagram;
  readonly opaque: (rule: RuleProgram, text: string) => Diagram;
}

/** `-i` and `-o`. */
export class InterfaceMatcher {
  readonly #work: Workspace;
  readonly #matcher: MatcherTools;

  constructor(work: Workspace, matcher: MatcherTools) {
    this.#work = work;
    this.#matcher = matcher;
  }

  /** Packets of the node have no interface where they came in, until they come back from `lo`. */
  arriving({ value, negated }: TextMatch, rule: RuleProgram, { hook }: View): Diagram {
    const { diagrams, interfaces } = this.#work;
    // Since Linux 5.7 POSTROUTING knows where a packet came in, before it did not.
    if (hook === 'POSTROUTING') return this.#matcher.opaque(rule, `-i ${value} in POSTROUTING`);
    const own = diagrams.range(level.ORIGIN, 0, 0);
    let set = interfaces.diagram(diagrams, level.ORIGIN, value, 1);
    const ownMatches = hook === 'INPUT' ? nameMatches(value, 'lo') : value === '+';
    if (ownMatches) set = diagrams.or(set, own);
    return this.#work.negatedIf(negated, set);
  }

  leaving({ value, negated }: TextMatch, view: View): Diagram {
    const { diagrams, interfaces } = this.#work;
    const { hook } = view;
    if (hook === 'INPUT') return this.#work.negatedIf(negated, value === '+' ? ALWAYS : NEVER);
    const own = diagrams.range(level.ORIGIN, 0, 0);
    const other = interfaces.diagram(diagrams, view.outLevel, value, 0);
    // What the node sends to itself leaves by lo.
    const toSelf = this.#matcher.typed(LOCAL, view.place, view.typeLevel);
    const byLo = nameMatches(value, 'lo') ? toSelf : NEVER;
    const sent = diagrams.or(byLo, diagrams.minus(other, toSelf));
    if (hook === 'OUTPUT') return this.#work.negatedIf(negated, sent);
    const passing = hook === 'first' ? (value === '+' ? ALWAYS : NEVER) : other;
    const set = diagrams.or(diagrams.and(own, sent), diagrams.minus(passing, own));
    return this.#work.negatedIf(negated, set);
  }
}

function nameMatches(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
