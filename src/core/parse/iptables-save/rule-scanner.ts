import type { Match } from '../../ruleset/match.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import { splitWords, type RuleWord } from '../../ruleset/rule-words.ts';
import type { Target } from '../../ruleset/target.ts';
import type { OptionShape, OptionUse } from './extension.ts';
import { matchExtensions, protocolMatches, targetExtensions } from './extensions.ts';
import { generalOptions, type GeneralOption } from './general-options.ts';
import type { RuleProblem } from './rule-problem.ts';
import type { ScannedExtension, ScannedValue } from './scanned-rule.ts';

type Scanned = ScannedExtension<Match> | ScannedExtension<Target>;

/** Options of iptables itself that can be given once, and have a value. */
export type SingleOption = 'append' | 'source' | 'destination' | 'in' | 'out' | 'protocol' | 'counters';

/**
 * Walks over the words of a rule as iptables' getopt does, and gives each option to whom it belongs: to iptables itself, to the newest
 * extension that knows it, to the match that the protocol brings along, or to the newest extension that nothing is known of.
 */
export class RuleScanner {
  readonly matches: ScannedExtension<Match>[] = [];
  readonly values: Map<SingleOption, ScannedValue> = new Map();
  readonly problems: RuleProblem[] = [];
  readonly leftover: string[] = [];
  target: ScannedExtension<Target> | undefined;
  goto = false;
  fragment: { readonly negated: boolean } | undefined;
  readonly #line: string;
  #words: readonly RuleWord[] = [];
  #at = 0;
  /** All extensions, the newest last. */
  readonly #loaded: Scanned[] = [];

  constructor(line: string) {
    this.#line = line;
  }

  scan(): void {
    const { words, openQuote } = splitWords(this.#line);
    this.#words = words;
    if (openQuote !== undefined) this.#problem(openQuote, 'a quote that is not closed');
    while (this.#at < this.#words.length) this.#option();
  }

  #problem(offset: number, message: string): void {
    this.problems.push({ code: 'rule-syntax', message, column: offset + 1 });
  }

  #raw(word: RuleWord): string {
    return this.#line.slice(word.start, word.end);
  }

  #option(): void {
    const first = this.#at;
    let word = this.#words[this.#at++];
    if (word === undefined) return;
    if (word.value.startsWith('#') && this.#raw(word).startsWith('#')) {
      this.#note(word);
      return;
    }
    const negated = word.value === '!';
    if (negated) word = this.#words[this.#at++];
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
    const note = this.#line.slice(word.start).trimEnd();
    this.problems.push({
      code: 'rule-note',
      message: `a note behind the rule: ${quote(note)}`,
      column: word.start + 1,
    });
    this.#at = this.#words.length;
  }

  #stray(first: number): void {
    const words = this.#words.slice(first, this.#at);
    const [word] = words;
    if (word === undefined) return;
    this.#problem(word.start, `${quote(this.#raw(word))}, which belongs to no option`);
    this.leftover.push(...words.map((w) => this.#raw(w)));
  }

  #dispatch(option: ScannedOption): void {
    const { name, word } = option;
    const general = generalOptions.get(name);
    if (general !== undefined) {
      this.#general(general, option);
      return;
    }
    const owner = this.#owner(name) ?? this.#protocolMatch(name);
    if (owner !== undefined) {
      this.#use(owner, name, option);
      return;
    }
    const short = /^-([A-Za-z])[^-]/.test(name) ? generalOptions.get(name.slice(0, 2)) : undefined;
    if (short !== undefined && short !== 'forbidden' && short !== 'fragment' && !word.value.startsWith('--')) {
      this.#general(short, { ...option, name: name.slice(0, 2), attached: word.value.slice(2) });
      return;
    }
    this.#unknown(option);
  }

  #owner(name: string): Scanned | undefined {
    for (let i = this.#loaded.length - 1; i >= 0; i--) {
      const scanned = this.#loaded[i];
      if (scanned?.extension?.options.has(name) === true || scanned?.extension?.aliases.has(name) === true)
        return scanned;
    }
    return undefined;
  }

  /** `-p tcp --dport 80` loads the match tcp where the option stands. */
  #protocolMatch(name: string): Scanned | undefined {
    const number = protocolNumber(this.values.get('protocol')?.value ?? '');
    const match = number === undefined ? undefined : protocolMatches.get(number);
    const extension = match === undefined ? undefined : matchExtensions.get(match);
    if (match === undefined || (extension?.options.has(name) !== true && extension?.aliases.has(name) !== true))
      return undefined;
    return this.#load(match, this.#words[this.#at - 1]?.start ?? 0);
  }

  #load(name: string, offset: number): ScannedExtension<Match> {
    const scanned = { name, column: offset + 1, extension: matchExtensions.get(name), uses: [], words: [] };
    this.matches.push(scanned);
    this.#loaded.push(scanned);
    return scanned;
  }

  /** An option that nobody knows: an opaque extension's, the beginning of a longer name, or nobody's. */
  #unknown(option: ScannedOption): void {
    const opaque = this.#loaded.findLast((scanned) => scanned.extension === undefined);
    if (opaque !== undefined) {
      this.#skipValues();
      opaque.words.push(...this.#words.slice(option.first, this.#at).map((word) => this.#raw(word)));
      return;
    }
    const whole = this.#completions(option.name);
    if (whole.length === 1 && whole[0] !== undefined) {
      this.#dispatch({ ...option, name: whole[0] });
      return;
    }
    this.#skipValues();
    const words = this.#words.slice(option.first, this.#at).map((word) => this.#raw(word));
    const newest = this.#loaded.at(-1);
    this.#problem(
      option.word.start,
      `${option.name}, which is no option${newest === undefined ? '' : ` of ${newest.name}`}`,
    );
    (newest?.words ?? this.leftover).push(...words);
    // What has an option that is not known is not understood.
    newest?.uses.push({ name: '', negated: false, values: [], column: option.word.start + 1 });
  }

  /** getopt takes the beginning of a long option for the whole, where there is but one. */
  #completions(name: string): readonly string[] {
    if (!name.startsWith('--')) return [];
    const known = this.#loaded.flatMap(({ extension }) =>
      extension === undefined ? [] : [...extension.options.keys(), ...extension.aliases.keys()],
    );
    const general = [...generalOptions].flatMap(([option, kind]) => (kind === 'forbidden' ? [] : [option]));
    return [...new Set([...known, ...general])].filter((option) => option.startsWith(name));
  }

  /** Passes over the values of an option that nothing is known of: what is quoted, or does not look like an option. */
  #skipValues(): void {
    for (let word = this.#words[this.#at]; word !== undefined; word = this.#words[++this.#at]) {
      const quoted = this.#line.charAt(word.start) === '"';
      if (!quoted && (word.value.startsWith('#') || /^-(?:-|[A-Za-z]$)/.test(word.value))) return;
      if (!quoted && word.value === '!' && this.#words[this.#at + 1]?.value.startsWith('-') === true) return;
    }
  }

  #use(owner: Scanned, written: string, option: ScannedOption): void {
    const name = owner.extension?.aliases.get(written) ?? written;
    const shape = owner.extension?.options.get(name) ?? 0;
    const values = option.attached === undefined ? [] : [option.attached];
    let { negated } = option;
    // iptables before 1.4.3 wrote the "!" behind the option.
    if (shape !== 0 && shape !== 'text' && this.#words[this.#at]?.value === '!' && !negated) {
      negated = true;
      this.#at += 1;
    }
    this.#takeValues(shape, values, option);
    const use: OptionUse = { name, negated, values, column: option.word.start + 1 };
    owner.uses.push(use);
    const from = this.#words[option.first];
    if (from !== undefined) owner.words.push(...this.#words.slice(option.first, this.#at).map((w) => this.#raw(w)));
  }

  #takeValues(shape: OptionShape, values: string[], { word, name }: ScannedOption): void {
    const count = shape === 'text' ? 1 : shape;
    while (values.length < count) {
      const next = this.#words[this.#at];
      const isOption = next !== undefined && shape !== 'text' && next.value.startsWith('-');
      if (next === undefined || isOption) {
        this.#problem(word.start, `${name} without ${count === 2 ? 'two values' : 'a value'}`);
        return;
      }
      values.push(next.value);
      this.#at += 1;
    }
  }

  #general(kind: GeneralOption, option: ScannedOption): void {
    if (kind === 'family') return;
    if (kind === 'forbidden') this.#forbidden(option);
    else if (kind === 'fragment') this.fragment = { negated: option.negated };
    else if (kind === 'match' || kind === 'jump' || kind === 'goto') this.#extension(kind, option);
    else this.#single(kind, option);
  }

  #forbidden({ word, first, name }: ScannedOption): void {
    this.#skipValues();
    this.#problem(word.start, `${name}, which has no place in a rule`);
    this.leftover.push(...this.#words.slice(first, this.#at).map((w) => this.#raw(w)));
  }

  #value(option: ScannedOption, mayBeOption: boolean): ScannedValue | undefined {
    const { word, attached, name } = option;
    let { negated } = option;
    if (attached !== undefined && attached !== '') return { word, value: attached, negated };
    if (this.#words[this.#at]?.value === '!' && !negated) {
      negated = true;
      this.#at += 1;
    }
    const next = this.#words[this.#at];
    if (next === undefined || (next.value.startsWith('-') && !mayBeOption) || next.value === '') {
      this.#problem(word.start, `${name} without a value`);
      return undefined;
    }
    this.#at += 1;
    return { word: next, value: next.value, negated };
  }

  #single(kind: SingleOption, option: ScannedOption): void {
    const value = this.#value(option, kind === 'in' || kind === 'out');
    if (value === undefined) return;
    if (kind === 'counters' && option.attached === undefined && /^\d+$/.test(value.value)) this.#secondCounter();
    if (this.values.has(kind)) this.#problem(option.word.start, `${option.name} twice in one rule`);
    else this.values.set(kind, value);
  }

  /** `-c PACKETS BYTES` */
  #secondCounter(): void {
    if (/^\d+$/.test(this.#words[this.#at]?.value ?? '')) this.#at += 1;
  }

  #extension(kind: 'match' | 'jump' | 'goto', option: ScannedOption): void {
    const value = this.#value(option, false);
    if (value === undefined) return;
    if (value.negated) this.#problem(option.word.start, `a "!" before ${option.name}`);
    if (kind === 'match') {
      this.#load(value.value, option.word.start);
      return;
    }
    if (this.target !== undefined) {
      this.#problem(option.word.start, `a second target, ${option.name} ${value.value}`);
      this.leftover.push(option.name, this.#raw(value.word));
      return;
    }
    const extension = kind === 'jump' ? targetExtensions.get(value.value) : undefined;
    this.goto = kind === 'goto';
    this.target = { name: value.value, column: option.word.start + 1, extension, uses: [], words: [] };
    this.#loaded.push(this.target);
  }
}

interface ScannedOption {
  readonly word: RuleWord;
  /** The index of its first word, a "!" perhaps. */
  readonly first: number;
  readonly name: string;
  /** `VALUE` of `--name=VALUE`. */
  readonly attached: string | undefined;
  readonly negated: boolean;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
