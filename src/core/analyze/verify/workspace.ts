import { Diagrams } from './diagram.ts';
import type { InterfaceClasses } from './interface-classes.ts';
import { Conditions, type Condition } from './levels.ts';
import { Marks } from './mark-bits.ts';
import type { Diagram } from './node-table.ts';
import { KERNEL_ONE, Shares, type Share } from './shares.ts';
import type { SourceRanges } from './source-ranges.ts';
import { mergeEnded, mergeEntries } from './merge-entries.ts';
import type { Ended, Entry, Translation } from './packet-state.ts';
import type { RuleProgram } from './rule-program.ts';
import { translationOf } from './translation.ts';

/** What all evaluations of one question share: diagrams, and what they speak of. */
export class Workspace {
  readonly sources: SourceRanges;
  readonly interfaces: InterfaceClasses;
  readonly conditions: Conditions = new Conditions();
  readonly marks: Marks = new Marks();
  readonly shares: Shares = new Shares();
  /** Counts renewals: what was computed with another generation's diagrams means nothing now. */
  generation = 0;
  diagrams: Diagrams;
  readonly #most: number;
  readonly #translations = new Map<number, Translation>();
  readonly #byText = new Map<string, Translation>();

  constructor(sources: SourceRanges, interfaces: InterfaceClasses, most: number) {
    this.sources = sources;
    this.interfaces = interfaces;
    this.#most = most;
    this.diagrams = new Diagrams(most);
  }

  /** Starts with empty diagrams if the old ones have become large. */
  renew(above: number): void {
    if (this.diagrams.size <= above) return;
    this.diagrams = new Diagrams(this.#most);
    this.interfaces.forget();
    this.generation += 1;
  }

  /** Where a rule sends; the same object for all rules that send to the same. */
  translation(rule: RuleProgram): Translation | undefined {
    const known = this.#translations.get(rule.id);
    if (known !== undefined || (rule.target.kind !== 'dnat' && rule.target.kind !== 'redirect')) return known;
    const made = translationOf(rule.target);
    const same = this.#byText.get(made.text) ?? made;
    this.#byText.set(made.text, same);
    this.#translations.set(rule.id, same);
    return same;
  }

  /** Entries in equal states as one, where their packets or their shares allow it. */
  merged(entries: readonly Entry[]): readonly Entry[] {
    return mergeEntries(this, entries);
  }

  /** Packets to which the same was done at last as one, where there are many (default), or at least so many. */
  mergedEnded(ended: readonly Ended[], least?: number): readonly Ended[] {
    return mergeEnded(this, ended, least);
  }

  /** All packets, if what nobody here can decide is so. */
  flag(condition: Condition): Diagram {
    return this.diagrams.range(this.conditions.levelOf(condition), 1, 1);
  }

  /** What a match with or without `!` takes. */
  negatedIf(negated: boolean, set: Diagram): Diagram {
    return negated ? this.diagrams.not(set) : set;
  }

  /** What a draw of a random number does: the part that is taken, and the part that is not. */
  drawn(share: Share, threshold: number): { readonly taken: Share | undefined; readonly left: Share | undefined } {
    if (threshold <= 0) return { taken: undefined, left: share };
    if (threshold >= KERNEL_ONE) return { taken: share, left: undefined };
    return { taken: this.shares.times(share, threshold), left: this.shares.times(share, KERNEL_ONE - threshold) };
  }
}
