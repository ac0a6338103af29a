import { parseIp } from '../../model/ip.ts';
import type { RuleSource } from '../../ruleset/rule-source.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type { FlowEndpoint } from './flow.ts';
import { endpointOf } from './read-endpoint.ts';

/** The lists of xt_recent that hold the clients of an endpoint: those that are filled in the chain that translates to it. */
export function rememberedLists(rules: RuleSource, endpoint: FlowEndpoint): ReadonlySet<string> {
  const lists = new Set<string>();
  for (const name of chainsOfNat(rules)) {
    const chain = rules.chain('nat', name)?.rules ?? [];
    if (!chain.some((rule) => translatesTo(rule, endpoint))) continue;
    for (const { rule } of chain) {
      for (const match of rule.matches) if (match.kind === 'recent' && match.action === 'set') lists.add(match.name);
    }
  }
  return lists;
}

/** All chains of nat that a packet can get to before its destination is settled. */
function chainsOfNat(rules: RuleSource): ReadonlySet<string> {
  const found = new Set<string>(['PREROUTING', 'OUTPUT']);
  // A set that grows is walked to its new end.
  for (const name of found) {
    for (const { rule } of rules.chain('nat', name)?.rules ?? []) {
      if (rule.target.kind === 'jump' || rule.target.kind === 'goto') found.add(rule.target.chain);
    }
  }
  return found;
}

function translatesTo({ rule: { target } }: RulesetRule, endpoint: FlowEndpoint): boolean {
  if (target.kind !== 'dnat') return false;
  const { addresses, ports } = target.to;
  const ip = addresses === undefined ? undefined : parseIp(addresses.first);
  return ip !== undefined && ports !== undefined && endpointOf(ip, ports.first).text === endpoint.text;
}
