import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { ruleLines, targetOf } from './rule-lines.ts';
import { serviceComment } from './service-comment.ts';

/** Chains that name the service port whose chains they jump to, also where a large cluster leaves comments out of the rest. */
const ENTRIES = ['KUBE-SERVICES', 'KUBE-NODEPORTS'];

/**
 * The service port (`namespace/name:port`) of each chain of `wanted`: a chain's name is a hash. Its own comments say it, or those of the
 * rules that lead to it. Chains of which nothing says it are missing.
 */
export function chainServices(current: SavedRules, wanted: readonly SavedChain[]): ReadonlyMap<string, string> {
  const services = new Map<string, string>();
  for (const { name, rules } of wanted) {
    const service = firstService(rules);
    if (service !== undefined) services.set(name, service);
  }
  if (services.size < wanted.length) addByJumps(current, services);
  return services;
}

function firstService(rules: string): string | undefined {
  for (const line of ruleLines(rules)) {
    const found = serviceComment(line);
    if (found !== undefined) return found.service;
  }
  return undefined;
}

function addByJumps(current: SavedRules, services: Map<string, string>): void {
  const chains = current.tables.find((table) => table.name === 'nat')?.chains ?? new Map<string, SavedChain>();
  const seen = new Set<string>();
  for (const entry of ENTRIES) {
    for (const line of ruleLines(chains.get(entry)?.rules ?? '')) {
      const service = serviceComment(line)?.service;
      if (service !== undefined) spread(targetOf(line), service, chains, services, seen);
    }
  }
}

/** Three steps at most: FW or EXT or XLB, then SVC or SVL, then SEP. A chain that leads to itself was seen. */
function spread(
  chain: string | undefined,
  service: string,
  chains: ReadonlyMap<string, SavedChain>,
  services: Map<string, string>,
  seen: Set<string>,
): void {
  if (chain === undefined || !/^KUBE-(?:SVC|SVL|SEP|FW|EXT|XLB)-/.test(chain) || seen.has(chain)) return;
  seen.add(chain);
  if (!services.has(chain)) services.set(chain, service);
  for (const line of ruleLines(chains.get(chain)?.rules ?? '')) {
    spread(targetOf(line), service, chains, services, seen);
  }
}
