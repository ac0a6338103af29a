import type { SavedRules } from '../../ruleset/saved-rules.ts';

export interface OpenQuote {
  readonly table: string;
  readonly chain: string;
  /** `-A CHAIN ...`, as far as the line goes. */
  readonly rule: string;
}

const QUOTE = '"';

/**
 * Rules with a quote that is not closed, in the order of the dump. iptables-save prints a line break in a comment as it is, so what stands
 * behind it reads like lines of the dump, whatever it says.
 */
export function openQuotes({ tables }: SavedRules): readonly OpenQuote[] {
  const found: OpenQuote[] = [];
  for (const { name: table, chains } of tables) {
    for (const { name: chain, rules } of chains.values()) {
      if (!rules.includes(QUOTE)) continue;
      for (const rule of rules.split('\n')) if (hasOpenQuote(rule)) found.push({ table, chain, rule });
    }
  }
  return found;
}

function hasOpenQuote(rule: string): boolean {
  let isOpen = false;
  for (let at = rule.indexOf(QUOTE); at !== -1; at = rule.indexOf(QUOTE, at + 1)) {
    if (!isOpen || !isEscaped(rule, at)) isOpen = !isOpen;
  }
  return isOpen;
}

function isEscaped(rule: string, at: number): boolean {
  let backslashes = 0;
  while (rule[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
