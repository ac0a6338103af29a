import type { RuleSource } from '../../ruleset/rule-source.ts';
import { addressOf } from '../trace/address.ts';
import type { TracePacket } from '../trace/packet.ts';
import { trace, type Trace } from '../trace/trace.ts';
import type { Flow } from './flow.ts';
import type { FlowCluster } from './flow-cluster.ts';
import { judgeFlow, type FlowJudgement } from './judge-flow.ts';
import { rememberedLists } from './remembered-lists.ts';

export interface FollowedFlow extends FlowJudgement {
  readonly trace: Trace;
}

/** Follows one packet of a flow through the rules of its family, and judges what becomes of it. */
export function followFlow(flow: Flow, packet: TracePacket, rules: RuleSource, cluster: FlowCluster): FollowedFlow {
  const { remembered } = flow;
  const lists = remembered === undefined ? undefined : rememberedLists(rules, remembered);
  const traced = trace(rules, packet, {
    localAddresses: cluster.localIps.map(addressOf),
    sets: cluster.sets,
    ipvs: cluster.ipvs,
    answer: ({ kind, subject }) => (kind === 'recent' ? (lists?.has(subject) ?? false) : undefined),
  });
  const judged = judgeFlow(flow.expect, traced);
  if (remembered === undefined || lists?.size !== 0) return { ...judged, trace: traced };
  const forgotten = { text: `no rule remembers clients of ${remembered.text}` };
  return { ...judged, faults: [forgotten, ...judged.faults], trace: traced };
}
