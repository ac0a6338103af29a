import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { isServiceChain } from '../ruleset/owned-chains.ts';
import type { ChainChange, FamilyPlan } from './plan.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

export interface DependentChains {
  readonly plan: FamilyPlan;
  /** Chains that have to go and that somebody else's chain jumps to: one line each. Then the plan cannot be carried out. */
  readonly blocked: readonly string[];
}

/**
 * Adds what has to go with the chains that a plan deletes: chains of service ports that were made later and jump to them, as kube-proxy makes
 * them between an apply and its undo. The kernel refuses to delete a chain that another one jumps to.
 */
export function withDependents(plan: FamilyPlan, current: SavedRules): DependentChains {
  const blocked: string[] = [];
  const added: ChainChange[] = [];
  for (const { name: table, chains } of current.tables) {
    const own = plan.changes.filter((change) => change.table === table);
    const written = new Set(own.map(({ chain }) => chain));
    const going = new Set(own.flatMap(({ kind, chain }) => (kind === 'delete-chain' ? [chain] : [])));
    if (going.size === 0) continue;
    const users = usersByTarget(
      [...chains.values()].filter(({ name, policy }) => policy === '-' && !written.has(name)),
    );
    const queue = [...going];
    for (let target = queue.pop(); target !== undefined; target = queue.pop()) {
      for (const { name, rules } of users.get(target) ?? []) {
        if (going.has(name)) continue;
        if (!isServiceChain(table, name)) {
          blocked.push(`${plan.family} ${table} ${name} jumps to ${target}, which would have to go`);
          continue;
        }
        going.add(name);
        queue.push(name);
        const about = { table, chain: name, reason: `jumps to ${target}, which goes` };
        added.push({ ...about, kind: 'delete-chain', previous: { rules } });
      }
    }
  }
  return { plan: { ...plan, changes: [...plan.changes, ...added] }, blocked };
}

function usersByTarget(chains: readonly SavedChain[]): ReadonlyMap<string, readonly SavedChain[]> {
  const users = new Map<string, SavedChain[]>();
  for (const chain of chains) {
    for (const target of new Set(ruleLines(chain.rules).map(targetOf))) {
      if (target !== undefined) listOf(users, target).push(chain);
    }
  }
  return users;
}

function listOf(users: Map<string, SavedChain[]>, target: string): SavedChain[] {
  const list = users.get(target) ?? [];
  users.set(target, list);
  return list;
}
