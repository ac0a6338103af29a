/** One word of a rule. */
export interface RuleWord {
  /** Without quotes and backslashes. */
  readonly value: string;
  /** Where it begins in the line, from 0. */
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

export interface RuleWords {
  readonly words: readonly RuleWord[];
  /** The offset of a quote that is never closed. */
  readonly openQuote: number | undefined;
}

/**
 * Takes a line apart as iptables-restore 1.8 does (add_param_to_argv): blanks and tabs separate, double quotes hold words together, a
 * backslash escapes only inside of quotes, and a closing quote ends the word, whatever follows it.
 */
export function splitWords(line: string): RuleWords {
  const words: RuleWord[] = [];
  const { length } = line;
  let at = 0;
  while (at < length) {
    while (at < length && isBlank(line.charCodeAt(at))) at += 1;
    if (at === length) break;
    const start = at;
    while (at < length && !isBlank(line.charCodeAt(at)) && line.charCodeAt(at) !== QUOTE) at += 1;
    const bare = line.slice(start, at);
    if (line.charCodeAt(at) !== QUOTE) {
      words.push({ value: bare, start, end: at });
      continue;
    }
    const close = closingQuote(line, at + 1);
    if (close === -1) {
      words.push({ value: bare + unescape(line.slice(at + 1)), start, end: length });
      return { words, openQuote: at };
    }
    words.push({ value: bare + unescape(line.slice(at + 1, close)), start, end: close + 1 });
    at = close + 1;
  }
  return { words, openQuote: undefined };
}

const QUOTE = 34;
const BACKSLASH = 92;

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function closingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return -1;
}

function unescape(quoted: string): string {
  return quoted.includes('\\') ? quoted.replace(/\\([^]|$)/g, '$1') : quoted;
}
