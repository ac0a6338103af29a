import type { RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceCommentOf } from '../kube/service-comment.ts';
import { isPortChain } from './port-chain.ts';
import { destinationAddress, destinationPort, jumpOf, protocolOf } from './rule-facts.ts';
import type { TableView } from './table-view.ts';

/** An address, or every local one, and a port that lead to a chain of a service port. */
export interface Frontend {
  readonly kind: 'cluster-ip' | 'external-ip' | 'load-balancer-ip' | 'node-port' | 'address';
  /** Undefined for node ports. */
  readonly address: string | undefined;
  readonly port: number;
  /** IANA's number. */
  readonly protocol: number;
  /** The chain of the service port. */
  readonly chain: string;
  readonly from: 'KUBE-SERVICES' | 'KUBE-NODEPORTS';
  readonly rule: RulesetRule;
}

export function frontendText({ address, port, protocol }: Pick<Frontend, 'address' | 'port' | 'protocol'>): string {
  const name = protocolName(protocol);
  if (address === undefined) return `node port ${port}/${name}`;
  return `${address.includes(':') ? `[${address}]` : address}:${port}/${name}`;
}

export function frontendKey({ address, port, protocol }: Pick<Frontend, 'address' | 'port' | 'protocol'>): string {
  return `${address ?? ''}|${port}|${protocol}`;
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);

export function protocolName(protocol: number): string {
  return PROTOCOLS.get(protocol) ?? String(protocol);
}

/** The rules of a chain that lists Services, each with what it is for. */
export function frontendsIn(nat: TableView, from: Frontend['from']): readonly Frontend[] {
  const found: Frontend[] = [];
  for (const rule of nat.rules(from)) {
    const chain = jumpOf(rule.rule);
    if (chain === undefined || !isPortChain(chain)) continue;
    const port = destinationPort(rule.rule);
    const protocol = protocolOf(rule.rule);
    if (port === undefined || protocol === undefined) continue;
    const address = destinationAddress(rule.rule);
    if (from === 'KUBE-SERVICES' && address === undefined) continue;
    found.push({
      kind: kindOf(rule, from, chain),
      address: from === 'KUBE-SERVICES' ? address : undefined,
      port,
      protocol,
      chain,
      from,
      rule,
    });
  }
  return found;
}

function kindOf({ rule }: RulesetRule, from: Frontend['from'], chain: string): Frontend['kind'] {
  if (from === 'KUBE-NODEPORTS') return 'node-port';
  const topic = serviceCommentOf(rule)?.topic;
  if (topic === 'cluster-ip' || topic === 'external-ip' || topic === 'load-balancer-ip') return topic;
  if (/^KUBE-(?:SVC|SVL)-/.test(chain)) return 'cluster-ip';
  return chain.startsWith('KUBE-FW-') ? 'load-balancer-ip' : 'address';
}
