import { builtInChains } from '../ruleset/built-in-chains.ts';
import { comparePayloadTables } from './restore-payload.ts';
import type { FamilyPlan } from './plan.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';

interface ChainAfter {
  readonly policy: string;
  readonly rules: string;
}

/** What iptables-save would print on a node with `current` once a plan is carried out, chains of others included; without counters. */
export function savedAfter(plan: FamilyPlan, current: SavedRules): string {
  const tables = new Map<string, Map<string, ChainAfter>>();
  for (const { name, chains } of current.tables) {
    tables.set(name, new Map([...chains].map(([chain, { policy, rules }]) => [chain, { policy, rules }])));
  }
  for (const change of plan.changes) {
    const chains = tables.get(change.table) ?? new Map<string, ChainAfter>();
    tables.set(change.table, chains);
    const isBuiltIn = builtInChains.get(change.table)?.includes(change.chain) === true;
    const policy = chains.get(change.chain)?.policy ?? (isBuiltIn ? 'ACCEPT' : '-');
    if (change.kind === 'delete-chain') chains.delete(change.chain);
    else chains.set(change.chain, { policy, rules: change.next.rules });
  }
  return [...tables]
    .sort(([a], [b]) => comparePayloadTables(a, b))
    .map(([table, chains]) => `*${table}\n${chainsText(chains)}COMMIT\n`)
    .join('');
}

function chainsText(chains: ReadonlyMap<string, ChainAfter>): string {
  const declared = [...chains].map(([name, { policy }]) => `:${name} ${policy} [0:0]\n`);
  return [...declared, ...[...chains.values()].map(({ rules }) => rules)].join('');
}
