import { splitWords, type RuleWord } from '../../ruleset/rule-words.ts';

/** Walks over the words of a rule. */
export class WordCursor {
  readonly line: string;
  /** The offset of a quote that is never closed. */
  readonly openQuote: number | undefined;
  #words: readonly RuleWord[];
  #at = 0;

  constructor(line: string) {
    this.line = line;
    const { words, openQuote } = splitWords(line);
    this.#words = words;
    this.openQuote = openQuote;
  }

  /** The index of the word that `next` gives. */
  get at(): number {
    return this.#at;
  }

  get count(): number {
    return this.#words.length;
  }

  next(): RuleWord | undefined {
    return this.#words[this.#at++];
  }

  peek(): RuleWord | undefined {
    return this.#words[this.#at];
  }

  /** As `next`, if the next word is a `!`. */
  takeBang(): boolean {
    const found = this.peek()?.value === '!';
    if (found) this.#at += 1;
    return found;
  }

  /** Leaves only the first words; the others are given back as they were written. */
  keepOnly(count: number): { readonly text: string; readonly start: number } | undefined {
    const start = this.#words[count]?.start;
    this.#words = this.#words.slice(0, count);
    return start === undefined ? undefined : { text: this.line.slice(start), start };
  }

  /** A word as it was written. */
  raw(word: RuleWord): string {
    return this.line.slice(word.start, word.end);
  }

  /** Where the word of an index begins in the line. */
  startOf(index: number): number {
    return this.#words[index]?.start ?? this.line.length;
  }

  /** The words from an index up to here, as they were written. */
  rawFrom(first: number): string[] {
    return this.#words.slice(first, this.#at).map((word) => this.raw(word));
  }

  /** Passes over all that is left. */
  end(): void {
    this.#at = this.#words.length;
  }

  /** Passes over the values of an option that nothing is known of: what is quoted, or does not look like an option. */
  skipValues(): void {
    for (let word = this.peek(); word !== undefined; word = this.#words[++this.#at]) {
      const quoted = this.line.charAt(word.start) === '"';
      if (!quoted && (word.value.startsWith('#') || /^-(?:-|[A-Za-z]$)/.test(word.value))) return;
      if (!quoted && word.value === '!' && this.#words[this.#at + 1]?.value.startsWith('-') === true) return;
    }
  }
}
