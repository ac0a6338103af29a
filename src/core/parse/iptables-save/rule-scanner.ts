import type { RuleWord } from '../../ruleset/rule-words.ts';
import type { OptionShape } from './extension.ts';
import { generalOptions, type GeneralOption } from './general-options.ts';
import { LoadedExtensions, type Scanned } from './loaded-extensions.ts';
import type { RuleProblem } from './rule-problem.ts';
import type { ScannedValue } from './scanned-rule.ts';
import { WordCursor } from './word-cursor.ts';

/** iptables-restore takes 255 of them. */
const MOST_WORDS = 512;

/** Options of iptables itself that can be given once, and have a value. */
export type SingleOption = 'append' | 'source' | 'destination' | 'in' | 'out' | 'protocol' | 'counters';

/** An option as it stands in a rule. */
interface ScannedOption {
  readonly word: RuleWord;
  /** The index of its first word, a "!" perhaps. */
  readonly first: number;
  readonly name: string;
  /** `VALUE` of `--name=VALUE`. */
  readonly attached: string | undefined;
  readonly negated: boolean;
}

/**
 * Walks over the words of a rule as iptables' getopt does, and gives each option to whom it belongs: to iptables itself, to the newest
 * extension that knows it, to the match that the protocol brings along, or to the newest extension that nothing is known of.
 */
export class RuleScanner {
  readonly extensions: LoadedExtensions = new LoadedExtensions();
  readonly values: Map<SingleOption, ScannedValue> = new Map();
  readonly problems: RuleProblem[] = [];
  /** Words that belong to nothing, as they were written. */
  readonly leftover: string[] = [];
  goto = false;
  fragment: { readonly negated: boolean } | undefined;
  readonly #words: WordCursor;

  constructor(line: string) {
    this.#words = new WordCursor(line);
  }

  scan(): void {
    const { openQuote, count } = this.#words;
    if (openQuote !== undefined) {
      this.#problem(openQuote, 'a quote that is not closed');
      this.leftover.push(this.#words.line.slice(openQuote));
    }
    if (count > MOST_WORDS) {
      const rest = this.#words.keepOnly(2);
      this.#problem(rest?.start ?? 0, `more than ${MOST_WORDS} words, which is more than iptables takes`);
      if (rest !== undefined) this.leftover.push(rest.text);
    }
    while (this.#words.peek() !== undefined) this.#option();
  }

  #problem(offset: number, message: string): void {
    this.problems.push({ code: 'rule-syntax', message, column: offset + 1 });
  }

  #option(): void {
    const first = this.#words.at;
    let word = this.#words.next();
    if (word === undefined) return;
    if (this.#words.line.charAt(word.start) === '#') {
      this.#note(word);
      return;
    }
    const negated = word.value === '!';
    if (negated) word = this.#words.next();
    if (word === undefined || !/^--?[A-Za-z0-9]/.test(word.value)) {
      this.#stray(first);
      return;
    }
    const equals = word.value.startsWith('--') ? word.value.indexOf('=') : -1;
    const name = equals === -1 ? word.value : word.value.slice(0, equals);
    const attached = equals === -1 ? undefined : word.value.slice(equals + 1);
    this.#dispatch({ word, first, name, attached, negated });
  }

  /** Words behind a rule that begin with "#": a person's note. */
  #note(word: RuleWord): void {
    const message = `a note behind the rule: ${quote(this.#words.line.slice(word.start).trimEnd())}`;
    this.problems.push({ code: 'rule-note', message, column: word.start + 1 });
    this.#words.end();
  }

  #stray(first: number): void {
    const words = this.#words.rawFrom(first);
    const start = this.#words.startOf(first);
    this.#problem(start, `${quote(words.join(' '))}, which belongs to no option`);
    this.leftover.push(...words);
  }

  #dispatch(option: ScannedOption): void {
    const { name, word } = option;
    const general = generalOptions.get(name);
    if (general !== undefined) {
      this.#general(general, option);
      return;
    }
    const protocol = this.values.get('protocol')?.value;
    const owner = this.extensions.owner(name) ?? this.extensions.loadOfProtocol(name, protocol, word.start + 1);
    if (owner !== undefined) {
      this.#use(owner, name, option);
      return;
    }
    const short = /^-[A-Za-z][^-]/.test(name) ? generalOptions.get(name.slice(0, 2)) : undefined;
    if (short !== undefined && short !== 'forbidden' && short !== 'fragment') {
      this.#general(short, { ...option, name: name.slice(0, 2), attached: word.value.slice(2) });
      return;
    }
    this.#unknown(option);
  }

  /** An option that nobody knows: an opaque extension's, the beginning of a longer name, or nobody's. */
  #unknown(option: ScannedOption): void {
    const opaque = this.extensions.opaque();
    if (opaque === undefined) {
      const [whole, other] = this.extensions.completions(option.name);
      if (whole !== undefined && other === undefined) {
        this.#dispatch({ ...option, name: whole });
        return;
      }
    }
    this.#words.skipValues();
    const words = this.#words.rawFrom(option.first);
    if (opaque !== undefined) {
      opaque.words.push(...words);
      return;
    }
    const { newest } = this.extensions;
    this.#problem(
      option.word.start,
      `${option.name}, which is no option${newest === undefined ? '' : ` of ${newest.name}`}`,
    );
    (newest?.words ?? this.leftover).push(...words);
    // What has an option that is not known is not understood.
    newest?.uses.push({ name: '', negated: false, values: [], column: option.word.start + 1 });
  }

  #use(owner: Scanned, written: string, option: ScannedOption): void {
    const name = owner.extension?.aliases.get(written) ?? written;
    const shape = owner.extension?.options.get(name) ?? 0;
    // iptables before 1.4.3 wrote the "!" behind the option.
    const negated = (shape !== 0 && shape !== 'text' && !option.negated && this.#words.takeBang()) || option.negated;
    const values = this.#values(shape, option);
    owner.uses.push({ name, negated, values, column: option.word.start + 1 });
    owner.words.push(...this.#words.rawFrom(option.first));
  }

  #values(shape: OptionShape, { word, name, attached }: ScannedOption): readonly string[] {
    const count = shape === 'text' ? 1 : shape;
    const values = attached === undefined ? [] : [attached];
    while (values.length < count) {
      const next = this.#words.peek();
      if (next === undefined || (shape !== 'text' && next.value.startsWith('-'))) {
        this.#problem(word.start, `${name} without ${count === 2 ? 'two values' : 'a value'}`);
        break;
      }
      values.push(next.value);
      this.#words.next();
    }
    return values;
  }

  #general(kind: GeneralOption, option: ScannedOption): void {
    if (kind === 'family') return;
    if (kind === 'forbidden') this.#forbidden(option);
    else if (kind === 'fragment') this.fragment = { negated: option.negated };
    else if (kind === 'match' || kind === 'jump' || kind === 'goto') this.#extension(kind, option);
    else this.#single(kind, option);
  }

  #forbidden({ word, first, name }: ScannedOption): void {
    this.#words.skipValues();
    this.#problem(word.start, `${name}, which has no place in a rule`);
    this.leftover.push(...this.#words.rawFrom(first));
  }

  #value(option: ScannedOption, mayBeOption: boolean): ScannedValue | undefined {
    const { word, attached, name } = option;
    if (attached !== undefined && attached !== '') return { word, value: attached, negated: option.negated };
    const negated = (!option.negated && this.#words.takeBang()) || option.negated;
    const next = this.#words.peek();
    if (next === undefined || (next.value.startsWith('-') && !mayBeOption) || next.value === '') {
      this.#problem(word.start, `${name} without a value`);
      this.leftover.push(...this.#words.rawFrom(option.first));
      return undefined;
    }
    this.#words.next();
    return { word: next, value: next.value, negated };
  }

  #single(kind: SingleOption, option: ScannedOption): void {
    const value = this.#value(option, kind === 'in' || kind === 'out');
    if (value === undefined) return;
    if (kind === 'counters') this.#counters(value, option);
    if (this.values.has(kind)) {
      this.#problem(option.word.start, `${option.name} twice in one rule`);
      this.leftover.push(...this.#words.rawFrom(option.first));
    } else this.values.set(kind, value);
  }

  /** `-c PACKETS BYTES` or `-c PACKETS,BYTES` */
  #counters({ value }: ScannedValue, option: ScannedOption): void {
    const second = this.#words.peek()?.value ?? '';
    if (/^\d+,\d+$/.test(value)) return;
    if (/^\d+$/.test(value) && /^\d+$/.test(second)) this.#words.next();
    else this.#problem(option.word.start, `${option.name} without two counters`);
  }

  #extension(kind: 'match' | 'jump' | 'goto', option: ScannedOption): void {
    const value = this.#value(option, false);
    if (value === undefined) return;
    if (value.negated) {
      this.#problem(option.word.start, `a "!" before ${option.name}`);
      this.leftover.push('!');
    }
    if (kind === 'match') {
      this.extensions.loadMatch(value.value, option.word.start + 1);
    } else if (this.extensions.target === undefined) {
      this.goto = kind === 'goto';
      this.extensions.loadTarget(value.value, option.word.start + 1, this.goto);
    } else {
      this.#problem(option.word.start, `a second target, ${option.name} ${value.value}`);
      this.leftover.push(...this.#words.rawFrom(option.first));
    }
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
