import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import type { SavedChain, SavedTable } from '../../ruleset/saved-rules.ts';

/** So many names say enough. */
const MOST_NAMES = 5;

/** Where no chain is declared at all, a part of a dump is what it is, and that is said. */
export function undeclaredIn(chains: SavedTable['chains']): readonly SavedChain[] {
  const found: SavedChain[] = [];
  let hasDeclared = false;
  for (const chain of chains.values()) {
    if (chain.declared) hasDeclared = true;
    else if (!isBuiltIn(chain.name)) found.push(chain);
  }
  return hasDeclared ? found : [];
}

/** A message for each table that has rules of chains of which it has no declaration. Built-in chains are always there. */
export function undeclaredChains(
  tables: readonly SavedTable[],
): readonly { readonly line: number; readonly message: string }[] {
  return tables.flatMap(({ name, chains }) => {
    const found = undeclaredIn(chains);
    const [first] = found;
    if (first === undefined) return [];
    const names = found.slice(0, MOST_NAMES).map((chain) => chain.name);
    const more = found.length > MOST_NAMES ? ` and ${found.length - MOST_NAMES} more` : '';
    const what = found.length === 1 ? 'a chain has' : `${found.length} chains have`;
    return [
      {
        line: first.line,
        message: `${what} rules in the table ${name} and no declaration: ${names.join(', ')}${more}`,
      },
    ];
  });
}
