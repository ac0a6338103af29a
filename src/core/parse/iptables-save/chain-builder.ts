import type { SavedChain } from '../../ruleset/saved-rules.ts';

const RULE = '-A ';
const BLANK = 32;

/** Collects one chain while a dump is read. */
export class ChainBuilder {
  readonly name: string;
  #policy = '-';
  #counters: string | undefined;
  #declared = false;
  #line: number;
  #rules = '';
  /** Rules that lie one after the other in a piece of the dump, not yet copied: from, to (behind the last newline). */
  #piece = '';
  #runStart = 0;
  #runEnd = -1;
  #count = 0;
  #firstLine = 0;
  /** Undefined as long as the rules stand on consecutive lines. */
  #lines: number[] | undefined;
  #ruleCounters: string[] | undefined;

  constructor(name: string, line: number) {
    this.name = name;
    this.#line = line;
  }

  get declared(): boolean {
    return this.#declared;
  }

  /** Whether at some offset of a text, where a rule begins, is one of this chain, and not the chain's name and nothing else. */
  owns(text: string, at: number): boolean {
    const start = at + RULE.length;
    return text.startsWith(this.name, start) && text.charCodeAt(start + this.name.length) === BLANK;
  }

  declare(policy: string, counters: string | undefined, line: number): void {
    if (!this.#declared) this.#line = line;
    this.#declared = true;
    this.#policy = policy;
    this.#counters = counters;
  }

  /** A rule that is a whole line, newline included, as it should be, in a piece of the dump. */
  addRun(piece: string, start: number, end: number, line: number): void {
    if (this.#runEnd !== start) {
      this.endPiece();
      this.#piece = piece;
      this.#runStart = start;
    }
    this.#runEnd = end;
    this.#note(line, '');
  }

  /** To one that has none: rules as in `SavedChain`, on lines that follow each other. */
  addAll(rules: string, lines: number, line: number): void {
    this.#rules = rules;
    this.#firstLine = line;
    this.#count = lines;
  }

  /** Any other rule: `-A CHAIN ...` without its newline. */
  addRule(rule: string, counters: string, line: number): void {
    this.endPiece();
    this.#rules += `${rule}\n`;
    this.#note(line, counters);
  }

  build(): SavedChain {
    this.endPiece();
    return {
      name: this.name,
      policy: this.#policy,
      counters: this.#counters,
      declared: this.#declared,
      line: this.#line,
      rules: this.#rules,
      ruleCounters: this.#ruleCounters,
      ruleLines: this.#lines ?? this.#firstLine,
    };
  }

  /** Offsets that follow are those of another piece, or of another place. */
  endPiece(): void {
    // A slice of the dump as long as there is but one run.
    if (this.#runEnd >= 0) this.#rules += this.#piece.slice(this.#runStart, this.#runEnd);
    this.#runEnd = -1;
  }

  #note(line: number, counters: string): void {
    if (this.#count === 0) this.#firstLine = line;
    else if (this.#lines !== undefined) this.#lines.push(line);
    else if (line !== this.#firstLine + this.#count) {
      this.#lines = Array.from({ length: this.#count }, (_, i) => this.#firstLine + i);
      this.#lines.push(line);
    }
    if (this.#ruleCounters !== undefined) this.#ruleCounters.push(counters);
    else if (counters !== '') {
      this.#ruleCounters = Array.from({ length: this.#count }, () => '');
      this.#ruleCounters.push(counters);
    }
    this.#count += 1;
  }
}
