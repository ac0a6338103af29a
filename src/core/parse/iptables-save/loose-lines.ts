import { isBuiltIn, tableOfChains } from '../../ruleset/built-in-chains.ts';
import type { DumpLine } from './dump-line.ts';
import type { TextLine } from './save-report.ts';
import { guessTables, type TableGuess } from './table-guess.ts';

/** A chain or a rule. */
export type LooseLine = Extract<DumpLine, { readonly kind: 'chain' | 'rule' }> & { readonly line: TextLine };

/** A line whose table was found out. */
export interface PlacedLine {
  readonly item: LooseLine;
  readonly guess: TableGuess;
}

/** Collects lines that stand behind no table header, until something says that what follows is of another table. */
export class LooseLines {
  #lines: LooseLine[] = [];
  #told: TableGuess | undefined;

  add(item: LooseLine): void {
    this.#lines.push(item);
  }

  /** Ends what was collected. `table` is what a command says of the lines that follow. */
  take(table?: string): readonly PlacedLine[] {
    const [lines, told] = [this.#lines, this.#told];
    this.#lines = [];
    this.#told = table === undefined ? undefined : { table, because: 'the command above them prints it' };
    if (lines.length === 0) return [];
    const whole = told ?? byPolicies(lines);
    const guesses = whole === undefined ? guessTables(chainsOf(lines)) : undefined;
    return lines.flatMap((item) => {
      const guess = ofItself(item) ?? whole ?? guesses?.get(nameOf(item));
      return guess === undefined ? [] : [{ item, guess }];
    });
  }
}

/** `iptables -S` prints one table, beginning with all of its built-in chains. */
function byPolicies(lines: readonly LooseLine[]): TableGuess | undefined {
  const builtIn = lines.flatMap((item) => (item.kind === 'chain' && isBuiltIn(item.name) ? [item.name] : []));
  const table = tableOfChains(builtIn);
  return table === undefined ? undefined : { table, because: `its chains are ${builtIn.join(', ')}` };
}

/** What a rule with -t, or the command that a rule is part of, says. */
function ofItself(item: LooseLine): TableGuess | undefined {
  if (item.kind !== 'rule' || item.table === undefined) return undefined;
  return {
    table: item.table,
    because: item.isDefault === true ? 'iptables takes it without -t' : 'that is what -t says',
  };
}

function nameOf(item: LooseLine): string {
  return item.kind === 'rule' ? item.chain : item.name;
}

function chainsOf(
  lines: readonly LooseLine[],
): readonly { readonly name: string; readonly rules: readonly string[] }[] {
  const chains = new Map<string, string[]>();
  for (const item of lines) {
    const rules = chains.get(nameOf(item)) ?? [];
    chains.set(nameOf(item), rules);
    if (item.kind === 'rule') rules.push(item.text);
  }
  return [...chains].map(([name, rules]) => ({ name, rules }));
}
