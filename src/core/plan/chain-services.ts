import type { SavedChain, SavedRules } from '../ruleset/saved-rules.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

/** What kube-proxy writes behind the service port's name, in the comments of the rules that lead to its chains. */
const WORDS = /^(\S+\/\S+?) (?:cluster IP|external IP|loadbalancer IP)$|^(\S+\/\S+)$/;

/** Chains that name the service port whose chains they jump to, also where a large cluster leaves comments out of the rest. */
const ENTRIES = ['KUBE-SERVICES', 'KUBE-NODEPORTS'];

/**
 * The service port (`namespace/name:port`) of each chain of a node, by the comments of the rules that lead to it: a chain's name is a hash.
 * Chains that nothing leads to are missing.
 */
export function chainServices(current: SavedRules): ReadonlyMap<string, string> {
  const chains = current.tables.find((table) => table.name === 'nat')?.chains ?? new Map<string, SavedChain>();
  const services = new Map<string, string>();
  for (const entry of ENTRIES) {
    for (const line of ruleLines(chains.get(entry)?.rules ?? '')) {
      const service = serviceIn(line);
      if (service !== undefined) spread(targetOf(line), service, chains, services);
    }
  }
  return services;
}

function serviceIn(line: string): string | undefined {
  const comment = / --comment (?:"([^"\\]*)"|(\S+))/.exec(line);
  const words = WORDS.exec(comment?.[1] ?? comment?.[2] ?? '');
  return words?.[1] ?? words?.[2];
}

function spread(
  chain: string | undefined,
  service: string,
  chains: ReadonlyMap<string, SavedChain>,
  services: Map<string, string>,
): void {
  if (chain === undefined || !/^KUBE-(?:SVC|SVL|SEP|FW|EXT|XLB)-/.test(chain) || services.has(chain)) return;
  services.set(chain, service);
  for (const line of ruleLines(chains.get(chain)?.rules ?? '')) spread(targetOf(line), service, chains, services);
}
