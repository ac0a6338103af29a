import type { SavedRules } from '../../ruleset/saved-rules.ts';

export interface OpenQuote {
  readonly table: string;
  readonly chain: string;
  /** `-A CHAIN ...`, as far as the line goes. */
  readonly rule: string;
}

/** A text begins with it behind a blank. Some names, of lists and interfaces, stand without quotes, whatever is in them. */
const OPENING = ' "';

/**
 * Rules with a quote that is not closed, in the order of the dump. iptables-save prints a line break in a comment as it is, so what stands
 * behind it reads like lines of the dump, whatever it says.
 */
export function openQuotes({ tables }: SavedRules): readonly OpenQuote[] {
  const found: OpenQuote[] = [];
  for (const { name: table, chains } of tables) {
    for (const { name: chain, rules } of chains.values()) {
      if (!rules.includes(OPENING)) continue;
      for (const rule of rules.split('\n')) if (hasOpenQuote(rule)) found.push({ table, chain, rule });
    }
  }
  return found;
}

function hasOpenQuote(rule: string): boolean {
  for (let opened = rule.indexOf(OPENING); opened !== -1;) {
    const closed = closingQuote(rule, opened + OPENING.length);
    if (closed === -1) return true;
    opened = rule.indexOf(OPENING, closed + 1);
  }
  return false;
}

/** The next quote from `from` on that no backslash escapes; -1: none. */
function closingQuote(rule: string, from: number): number {
  let at = rule.indexOf('"', from);
  while (at !== -1 && isEscaped(rule, at)) at = rule.indexOf('"', at + 1);
  return at;
}

function isEscaped(rule: string, at: number): boolean {
  let backslashes = 0;
  while (rule[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
