import { splitWords } from '../../ruleset/rule-words.ts';

/** The words of one line, or why iptables-restore cannot read them. */
export type RuleWords = { readonly words: readonly string[] } | { readonly problem: string };

/** iptables-restore 1.8 reads lines into 10240 bytes; what is longer goes on as a line of its own. */
const LONGEST_LINE = 10_000;
/** xshared.c: a parameter has 1024 bytes, a rule 255 of them. */
const LONGEST_WORD = 1000;
const MOST_WORDS = 250;

const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** What no line may hold, comment or rule; undefined if it is clean. */
export function lineProblem(line: string): string | undefined {
  const control = CONTROL.exec(line)?.[0];
  if (control === '\r') return 'a carriage return (its lines end as on Windows)';
  if (control !== undefined) return `the control character U+${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  if (bytesOf(line) > LONGEST_LINE) return `a line of more than ${LONGEST_LINE} bytes, which iptables-restore breaks`;
  return undefined;
}

/** Takes a line apart as iptables-restore 1.8 does. */
export function ruleWords(line: string): RuleWords {
  const { words: found, openQuote } = splitWords(line);
  if (openQuote !== undefined) return { problem: 'a quote that is not closed' };
  const words = found.map((word) => word.value);
  if (words.length > MOST_WORDS) return { problem: `more than ${MOST_WORDS} words` };
  if (words.some((w) => bytesOf(w) > LONGEST_WORD)) return { problem: `a word of more than ${LONGEST_WORD} bytes` };
  return { words };
}

function bytesOf(text: string): number {
  return text.length * 3 <= LONGEST_WORD ? text.length : new TextEncoder().encode(text).length;
}
