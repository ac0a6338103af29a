import { optionKind } from './rule-options.ts';
import { targetProblem, type RulePlace } from './rule-target.ts';
import { lineProblem, ruleWords } from './rule-words.ts';

/** Options that take two words; all others take one at most. */
const TWO_VALUES: ReadonlySet<string> = new Set(['--tcp-flags', '--match-set', '--add-set', '--del-set', '--map-set']);
const JUMPS: ReadonlySet<string> = new Set(['-j', '--jump', '-g', '--goto']);
const MATCHES: ReadonlySet<string> = new Set(['-m', '--match']);
/** Their values are names of interfaces, which may begin with "-". */
const DASH_VALUES: ReadonlySet<string> = new Set('-i -o --in-interface --out-interface'.split(' '));
const EXTENSION_NAME = /^[A-Za-z0-9_]+$/;
/** linux/netfilter/xt_comment.h */
const LONGEST_COMMENT = 255;

/** What a printed line is instead of one rule of its chain; undefined if it is one, or a comment, or empty. */
export function checkRule(line: string, place: RulePlace): string | undefined {
  const problem = lineProblem(line);
  if (problem !== undefined || line === '' || line.startsWith('#')) return problem;
  if (line !== `-A ${place.chain}` && !line.startsWith(`-A ${place.chain} `)) {
    return `a line that does not begin with -A ${place.chain}`;
  }
  const read = ruleWords(line);
  return 'problem' in read ? read.problem : new RuleReader(read.words.slice(2), place).problem();
}

/** Walks over the words as getopt does, and refuses whatever getopt could understand in two ways. */
class RuleReader {
  readonly #words: readonly string[];
  readonly #place: RulePlace;
  readonly #matches: string[] = [];
  #at = 0;
  #jumps = 0;
  /** False after an extension's option: the next word may be its value, even if it looks like an option. */
  #certain = true;

  constructor(words: readonly string[], place: RulePlace) {
    this.#words = words;
    this.#place = place;
  }

  problem(): string | undefined {
    while (this.#at < this.#words.length) {
      const found = this.#option();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #option(): string | undefined {
    let word = this.#words[this.#at++] ?? '';
    if (word === '!') {
      word = this.#words[this.#at++] ?? '';
      if (!word.startsWith('-')) return 'a "!" that stands before no option';
      if (JUMPS.has(word) || MATCHES.has(word)) return `a "!" before ${word}`;
    }
    if (!word.startsWith('-')) return `${JSON.stringify(word)}, which belongs to no option`;
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const option = equals === -1 ? word : word.slice(0, equals);
    const kind = optionKind(option, this.#matches);
    if (typeof kind === 'object') return kind.problem;
    switch (kind) {
      case 'forbidden':
        return `${option}, which has no place in a rule`;
      case 'flag':
        this.#certain = true;
        return undefined;
      case 'value':
        return this.#value(option, equals === -1 ? this.#words[this.#at++] : word.slice(equals + 1), equals !== -1);
      case 'extension':
        this.#certain = equals !== -1;
        if (!this.#certain) this.#skipValues(TWO_VALUES.has(option) ? 2 : 1);
        return undefined;
    }
  }

  #skipValues(most: number): void {
    for (let n = 0; n < most; n++) {
      const next = this.#words[this.#at];
      if (next === undefined || next === '!' || next.startsWith('-')) return;
      this.#at++;
      this.#certain = true;
    }
  }

  #value(option: string, value: string | undefined, attached: boolean): string | undefined {
    if (value === undefined || value === '') {
      return option === '--comment' && value === '' ? undefined : `${option} without a value`;
    }
    // iptables-nft 1.8.9 takes the whole of --jump=X for the name of the chain.
    if (JUMPS.has(option) && attached) return `${option}=${value}; the name is a word of its own`;
    if (value.startsWith('-') && !(DASH_VALUES.has(option) && (this.#certain || attached)))
      return `${option} without a value`;
    this.#certain = true;
    if (option === '--comment' && value.length > LONGEST_COMMENT) {
      return `a comment of more than ${LONGEST_COMMENT} characters`;
    }
    if (MATCHES.has(option)) {
      this.#matches.push(value);
      return EXTENSION_NAME.test(value) ? undefined : `${option} ${value}, which is no name of a match`;
    }
    if (!JUMPS.has(option)) return undefined;
    if (++this.#jumps > 1) return `a second target, ${option} ${value}`;
    return targetProblem(value, option === '-g' || option === '--goto', this.#place);
  }
}
