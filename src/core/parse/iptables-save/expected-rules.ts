import { groupBy } from '../../util/group-by.ts';
import { sortedBy } from '../../util/order.ts';

/** A user-defined chain as a dump is likely to have it. */
export interface LikelyChain {
  readonly table: string;
  readonly chain: string;
  /** Rules as in `SavedChain`. */
  readonly next: { readonly rules: string };
}

/** Chains of a table, each once, in the order in which iptables-save prints them: sorted. Lists and not objects: 56,000 are gone through thrice. */
export interface ExpectedTable {
  readonly names: readonly string[];
  readonly rules: readonly string[];
  /** How many rules, if the reader would read each line as a plain rule of that chain; else 0. */
  readonly lines: Int32Array;
}

/** What stands in one piece in a table whose chains are all expected: iptables-save declares them all, and then prints their rules. */
export type ExpectedPart = 'declarations' | 'rules';

/** What a dump is expected to have, by table. */
export type ExpectedRules = ReadonlyMap<string, ExpectedTable>;

/** The counters of a chain that has no policy. */
export const NO_PACKETS = '[0:0]';
/** What may stand behind `-A` of a plain rule. */
export const RULE_CHAIN: RegExp = /^[^\s-]\S*$/;
const RULE = '-A ';
const BLANK = 32;
const RETURN = 13;

/** Of a chain that comes twice, one counts. */
export function expectRules(likely: Iterable<LikelyChain>): ExpectedRules {
  const tables = groupBy(likely, ({ table }) => table);
  return new Map([...tables].map(([table, chains]) => [table, expectTable(chains)]));
}

function expectTable(likely: readonly LikelyChain[]): ExpectedTable {
  const names: string[] = [];
  const rules: string[] = [];
  const lines: number[] = [];
  for (const { chain, next } of sortedBy(likely, (one) => one.chain)) {
    if (chain === names.at(-1) || !RULE_CHAIN.test(chain)) continue;
    names.push(chain);
    rules.push(next.rules);
    lines.push(plainRules(chain, next.rules));
  }
  return { names, rules, lines: Int32Array.from(lines) };
}

/** That piece, as a dump has it; undefined if a reader would not read all of its lines as plain ones. */
export function expectedText({ names, rules, lines }: ExpectedTable, part: ExpectedPart): string | undefined {
  if (part === 'declarations') return names.map(declarationOf).join('');
  return rules.some((text, place) => text !== '' && lines[place] === 0) ? undefined : rules.join('');
}

function declarationOf(name: string): string {
  return `:${name} - ${NO_PACKETS}\n`;
}

/** The place (from 0) of a chain; -1 if it is none of them. */
export function placeOf({ names }: ExpectedTable, name: string): number {
  let [from, to] = [0, names.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((names[middle] ?? '') < name) from = middle + 1;
    else to = middle;
  }
  return names[from] === name ? from : -1;
}

/** How many lines they are, if each is a plain rule of that chain, newline included; else 0. */
function plainRules(chain: string, rules: string): number {
  let lines = 0;
  for (let at = 0; at < rules.length; lines++) {
    const name = at + RULE.length;
    const newline = rules.indexOf('\n', name);
    if (newline === -1 || rules.charCodeAt(newline - 1) === RETURN) return 0;
    if (!rules.startsWith(RULE, at) || !rules.startsWith(chain, name)) return 0;
    if (rules.charCodeAt(name + chain.length) !== BLANK) return 0;
    at = newline + 1;
  }
  return lines;
}
