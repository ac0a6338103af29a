import { groupedBy } from './grouped.ts';
import { jumpOf } from './rule-facts.ts';
import type { Frontend } from './frontend.ts';
import type { ServiceIndex } from './service-index.ts';

/** KUBE-FW-...: a load balancer IP that only some sources may use. */
export interface GuardedAddress {
  readonly chain: string;
  readonly ranges: readonly string[];
  readonly frontends: readonly Frontend[];
  /** The chain itself marks what no range lets in for dropping, as until 1.24. */
  readonly marksForDropping: boolean;
}

/** Those of a node; until 1.24 load balancer IPs without ranges had such a chain too, and are not among them. */
export function guardedAddresses({ nat, frontends }: ServiceIndex): readonly GuardedAddress[] {
  const byChain = groupedBy(
    frontends.filter(({ chain }) => chain.startsWith('KUBE-FW-')),
    ({ chain }) => chain,
  );
  return [...byChain].flatMap(([chain, own]) => {
    const rules = nat?.rules(chain) ?? [];
    const ranges = rules.flatMap(({ rule }) => rule.source?.network?.text ?? []);
    // Without a range it lets everybody in; then there is nothing to guard.
    if (ranges.length === 0) return [];
    const marksForDropping = rules.some(({ rule }) => jumpOf(rule) === 'KUBE-MARK-DROP');
    return [{ chain, ranges, frontends: own, marksForDropping }];
  });
}
