import type { RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceCommentOf, type CommentTopic } from '../kube/service-comment.ts';
import { destinationAddress, destinationPort, protocolOf } from './rule-facts.ts';
import { shownName } from './shown-name.ts';
import type { TableView } from './table-view.ts';

/** An address and port for which filter refuses or drops packets. */
export interface Refusal {
  readonly table: TableView;
  readonly chain: string;
  readonly rule: RulesetRule;
  readonly verdict: 'reject' | 'drop';
  /** Undefined for node ports. */
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: number;
  readonly service: string | undefined;
  /** As the comment says. */
  readonly reason: 'no-endpoints' | 'no-local-endpoints' | undefined;
}

/** In the order of the dump. */
export function refusalsIn(filter: TableView | undefined): readonly Refusal[] {
  if (filter === undefined) return [];
  const found: Refusal[] = [];
  for (const chain of ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES']) {
    for (const rule of filter.rules(chain)) {
      const { kind } = rule.rule.target;
      const port = destinationPort(rule.rule);
      const protocol = protocolOf(rule.rule);
      if ((kind !== 'reject' && kind !== 'drop') || port === undefined || protocol === undefined) continue;
      const comment = serviceCommentOf(rule.rule);
      const address = destinationAddress(rule.rule);
      const service = comment === undefined ? undefined : shownName(comment.written);
      found.push({
        table: filter,
        chain,
        rule,
        verdict: kind,
        address,
        port,
        protocol,
        service,
        reason: reasonOf(comment?.topic),
      });
    }
  }
  return found;
}

function reasonOf(topic: CommentTopic | undefined): Refusal['reason'] {
  return topic === 'no-endpoints' || topic === 'no-local-endpoints' ? topic : undefined;
}
