import type { SavedChain } from '../../ruleset/saved-rules.ts';
import { ChainBuilder } from './chain-builder.ts';
import { NO_PACKETS, placeOf, type ExpectedTable } from './expected-rules.ts';

const COLON = 58;
const REST_OF_DECLARATION = ` - ${NO_PACKETS}\n`;

/** What was read of a dump at once. */
export interface Taken {
  /** Characters. */
  readonly length: number;
  readonly lines: number;
}

/**
 * Goes along what is expected of a table while that is read, and takes what is there of it as it is: of chains that have just what is expected
 * only the lines are noted, and nothing is copied.
 */
export class ExpectedWalk {
  readonly #expected: ExpectedTable;
  /** By place; 0 for what was not taken. */
  readonly #declarationLines: Int32Array;
  readonly #ruleLines: Int32Array;
  /** By place, of chains whose declarations were taken, and that have anything that was not expected. */
  readonly #builders = new Map<number, ChainBuilder>();
  #hasAny = false;
  /** The place that is to be declared next, and the one whose rules are to come. */
  #declared = 0;
  #filled = 0;

  constructor(expected: ExpectedTable) {
    this.#expected = expected;
    this.#declarationLines = new Int32Array(expected.names.length);
    this.#ruleLines = new Int32Array(expected.names.length);
  }

  get declared(): number {
    return this.#declared;
  }

  /**
   * Takes the declarations that stand at an offset of a text, on a line and those behind it, up to that of a chain that is there already.
   * Undefined: it is none that is expected now.
   */
  takeDeclarations(text: string, at: number, line: number, isThere: (name: string) => boolean): Taken | undefined {
    const from = this.#declared;
    let [place, end] = [from, at];
    for (; place < this.#expected.names.length; place++) {
      const name = this.#name(place);
      const rest = end + 1 + name.length;
      if (text.charCodeAt(end) !== COLON || !text.startsWith(name, end + 1)) break;
      if (!text.startsWith(REST_OF_DECLARATION, rest) || isThere(name)) break;
      this.#declarationLines[place] = line + place - from;
      end = rest + REST_OF_DECLARATION.length;
    }
    if (place === from) return undefined;
    this.#declared = place;
    this.#hasAny = true;
    return { length: end - at, lines: place - from };
  }

  /** The same for rules, those of chains whose declarations were taken and that have no rules yet. */
  takeRules(text: string, at: number, line: number): Taken | undefined {
    let [end, lines] = [at, 0];
    for (; this.#filled < this.#expected.names.length; this.#filled += 1) {
      const rules = this.#rules(this.#filled);
      const count = this.#lines(this.#filled);
      if (count === 0) continue;
      const to = end + rules.length;
      // Several times faster than String.startsWith (Node 20).
      if (text.slice(end, to) !== rules || !this.#isUntouched(this.#filled)) break;
      this.#ruleLines[this.#filled] = line + lines;
      lines += count;
      end = to;
    }
    return lines === 0 ? undefined : { length: end - at, lines };
  }

  /** All declarations stood on lines from this one on. Undefined if some were met before. */
  takeAllDeclarations(line: number): number | undefined {
    if (this.#declared !== 0) return undefined;
    this.#declared = this.#expected.names.length;
    this.#hasAny = this.#declared > 0;
    for (let place = 0; place < this.#declared; place++) this.#declarationLines[place] = line + place;
    return this.#declared;
  }

  /** The same for rules; undefined also if not all declarations were taken. */
  takeAllRules(line: number): number | undefined {
    if (this.#filled !== 0 || this.#builders.size > 0 || this.#declarationLines.includes(0)) return undefined;
    this.#filled = this.#expected.names.length;
    let lines = 0;
    for (let place = 0; place < this.#filled; place++) {
      const count = this.#lines(place);
      if (count > 0) this.#ruleLines[place] = line + lines;
      lines += count;
    }
    return lines;
  }

  /** Whether a chain of that name is expected. */
  expects(name: string): boolean {
    return placeOf(this.#expected, name) !== -1;
  }

  #isUntouched(place: number): boolean {
    return this.#declarationLines[place] !== 0 && !this.#builders.has(place);
  }

  /** A chain is declared in another way than was expected, or in two pieces: those behind it may be as expected. */
  passDeclaration(name: string): void {
    if (this.#name(this.#declared) === name) this.#declared += 1;
  }

  /** The same for its rules. */
  passRules(name: string): void {
    if (this.#name(this.#filled) === name) this.#filled += 1;
  }

  /** A chain whose declaration was taken, to add to it. */
  chain(name: string): ChainBuilder | undefined {
    const place = this.#hasAny ? placeOf(this.#expected, name) : -1;
    const line = this.#declarationLines[place] ?? 0;
    if (line === 0) return undefined;
    const known = this.#builders.get(place);
    if (known !== undefined) return known;
    const chain = new ChainBuilder(name, line);
    chain.declare('-', NO_PACKETS, line);
    const first = this.#ruleLines[place] ?? 0;
    if (first !== 0) chain.addAll(this.#rules(place), this.#lines(place), first);
    this.#builders.set(place, chain);
    return chain;
  }

  /** The chain at a place whose declaration was taken. */
  build(place: number): SavedChain {
    const builder = this.#builders.size === 0 ? undefined : this.#builders.get(place);
    if (builder !== undefined) return builder.build();
    const ruleLines = this.#ruleLines[place] ?? 0;
    return {
      name: this.#name(place),
      policy: '-',
      counters: NO_PACKETS,
      declared: true,
      line: this.#declarationLines[place] ?? 0,
      rules: ruleLines === 0 ? '' : this.#rules(place),
      ruleCounters: undefined,
      ruleLines,
    };
  }

  #name(place: number): string {
    return this.#expected.names[place] ?? '';
  }

  #lines(place: number): number {
    return this.#expected.lines[place] ?? 0;
  }

  #rules(place: number): string {
    return this.#expected.rules[place] ?? '';
  }
}
