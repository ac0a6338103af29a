// A plan file is carried out by root, whoever wrote it. So nothing in it may be more than a rule of its own chain: no second line, no other
// command, and nothing that changes what iptables does, such as -M, with which it runs a program.
import { splitWords } from '../../ruleset/rule-words.ts';

/** Words that begin with one dash, as iptables-save writes them. Shorter spellings and groups (`-fM/x`) are none of them. */
const SHORT_OPTIONS: ReadonlySet<string> = new Set(['-s', '-d', '-i', '-o', '-p', '-f', '-m', '-j', '-g']);
/** A user's template may write the long ones, whole. */
const LONG_NAMED: ReadonlySet<string> = new Set(['--match', '--jump', '--goto']);
const NAMED: ReadonlySet<string> = new Set(['-m', '-j', '-g', ...LONG_NAMED]);
const LOADS: ReadonlySet<string> = new Set(['-m', '--match']);
const NAME = /^[\w.-]{1,64}$/;
/** The kernel takes other letters in the names of chains, and what is replaced may have jumped there. */
const CHAIN = /^[\w.\u00a0-\u{10ffff}-]{1,64}$/u;
/**
 * Long options of iptables that are commands, change what the program does, or stand for one of the short ones above: of these `--jump=X` is
 * read in different ways by the variants. `--set-counters` is `-c`.
 */
const PROGRAM_OPTIONS: readonly string[] = (
  'append check delete insert replace list list-rules flush zero new-chain delete-chain rename-chain policy help version table ' +
  'ipv4 ipv6 wait wait-interval modprobe verbose numeric exact line-numbers set-counters match jump goto'
).split(' ');

/** Options of matches that are the beginnings of others above: they count as what they are where the match stands before them. */
const OPTIONS_OF_MATCHES: ReadonlyMap<string, string> = new Map([
  ['set', 'recent'],
  ['pol', 'policy'],
]);

/**
 * getopt_long takes every beginning of an option that fits no other one: `--modp=...`. Which others there are depends on the matches, so
 * every beginning is refused, also those that would be ambiguous.
 */
function isProgramOption(words: readonly string[], at: number): boolean {
  const name = /^--([^=]*)/.exec(words[at] ?? '')?.[1];
  if (name === undefined) return false;
  if (LONG_NAMED.has(words[at] ?? '')) return false;
  const match = OPTIONS_OF_MATCHES.get(name);
  if (match !== undefined && words.some((word, i) => i < at && word === match && LOADS.has(words[i - 1] ?? '')))
    return false;
  return PROGRAM_OPTIONS.some((option) => option.startsWith(name));
}

/** What is wrong with a rule that a plan loads into `chain`; undefined if nothing is. */
export function loadedRuleFault(line: string, chain: string): string | undefined {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line)) return 'has control characters';
  const fault = ruleLineFault(line, chain);
  if (fault !== undefined) return fault;
  const { words, openQuote } = splitWords(line);
  if (openQuote !== undefined) return 'has a quote that is never closed';
  const values = words.slice(2).map(({ value }) => value);
  for (const [i, value] of values.entries()) {
    const before = values[i - 1] ?? '';
    // The one place where any text may stand. Quotes make no difference to iptables.
    if (before === '--comment' && values[i - 2] === 'comment' && LOADS.has(values[i - 3] ?? '')) continue;
    if (isProgramOption(values, i)) return `has ${value}, which is no part of a rule`;
    if (/^-(?:[^-]|$)/.test(value) && !SHORT_OPTIONS.has(value)) return `has ${value}, which is no part of a rule`;
    const name = LOADS.has(before) ? NAME : CHAIN;
    if (NAMED.has(before) && !name.test(value)) return `names ${JSON.stringify(value)} behind ${before}`;
  }
  return undefined;
}

/** Looser: for rules of others, which a plan only remembers. The line is one line. */
export function ruleLineFault(line: string, chain: string): string | undefined {
  if (line !== `-A ${chain}` && !line.startsWith(`-A ${chain} `)) return `does not begin with "-A ${chain} "`;
  return undefined;
}
