import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';

/** KUBE-SEP-...: where one endpoint's packets go. */
export interface EndpointChain {
  readonly chain: RulesetChain;
  /** `10.244.0.1:8080`, `[fd00::1]:80`; undefined where there is no plain DNAT. */
  readonly endpoint: string | undefined;
  readonly address: string | undefined;
  readonly dnat: RulesetRule | undefined;
}

export function isEndpointChain(name: string): boolean {
  return name.startsWith('KUBE-SEP-');
}

/** What the rules of a KUBE-SEP chain say. */
export function endpointChain(chain: RulesetChain): EndpointChain {
  for (const rule of chain.rules) {
    const { target } = rule.rule;
    if (target.kind !== 'dnat') continue;
    const { addresses, ports } = target.to;
    const isPlain = addresses !== undefined && addresses.first === addresses.last && ports !== undefined;
    if (!isPlain) return { chain, endpoint: undefined, address: undefined, dnat: rule };
    const address = addresses.first;
    const endpoint = `${addresses.family === 'ipv6' ? `[${address}]` : address}:${ports.first}`;
    return { chain, endpoint, address, dnat: rule };
  }
  return { chain, endpoint: undefined, address: undefined, dnat: undefined };
}
