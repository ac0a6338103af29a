import type { Ruleset } from '../../ruleset/ruleset.ts';
import { sortedBy } from '../../util/order.ts';
import { serviceChainRole } from '../kube/service-chain.ts';
import { programOf } from '../kube/programs.ts';
import type { ForeignProgram } from './decoded-rules.ts';

/** Whose chains are there besides kube-proxy's, sorted by name. */
export function foreignPrograms({ tables }: Ruleset): readonly ForeignProgram[] {
  const found = new Map<string, { readonly chains: string[]; line: number }>();
  for (const { name: table, chains } of tables) {
    for (const { name, line } of chains.values()) {
      // Most chains by far, and a name is looked at in thirty ways.
      if (serviceChainRole(name) !== undefined) continue;
      const program = programOf(name);
      if (program === undefined) continue;
      const known = found.get(program) ?? { chains: [], line };
      known.chains.push(`${table}/${name}`);
      known.line = Math.min(known.line, line);
      found.set(program, known);
    }
  }
  return sortedBy(
    [...found].map(([name, { chains, line }]) => ({ name, chains, line })),
    ({ name }) => name,
  );
}
