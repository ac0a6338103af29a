import { addressText, endpointText } from '../../core/analyze/trace/address.ts';
import type { TracePacket } from '../../core/analyze/trace/packet.ts';
import { expectationText, type Expectation } from '../../core/analyze/flows/expectation.ts';
import { shareText, type FlowOutcome } from '../../core/analyze/flows/flow-outcome.ts';
import type { FollowedFlow } from '../../core/analyze/flows/follow-flow.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import { assumptionText } from './trace-texts.ts';

/** So many ways are told rule by rule. */
const SHOWN = 2;

/** What helps to see why a flow goes another way than expected, as lines. */
export function flowDetails(expect: Expectation, { trace, outcomes }: FollowedFlow): readonly string[] {
  return [
    `packet   ${packetText(trace.packet)}`,
    `expected ${expectationText(expect)}`,
    `found    ${foundText(outcomes)}`,
    ...trace.assumptions.map((made) => `assumed  ${assumptionText(made)}`),
    ...outcomes.slice(0, SHOWN).flatMap(wayText),
    ...(outcomes.length > SHOWN ? [`... and ${outcomes.length - SHOWN} more ways`] : []),
  ];
}

function packetText({ origin, source, destination, protocol, destinationPort }: TracePacket): string {
  const from = origin === 'node' ? `the node (${addressText(source)})` : addressText(source);
  return `${protocolText(protocol)} from ${from} to ${endpointText(destination, destinationPort)}`;
}

function foundText(outcomes: readonly FlowOutcome[]): string {
  const alike = new Set(outcomes.map(({ masquerade }) => masquerade)).size === 1;
  const arrives = outcomes.some(({ endpoint }) => endpoint !== undefined);
  const parts = outcomes.map((outcome) => outcomeText(outcome, !alike));
  if (!alike || !arrives) return parts.join(', ');
  return [...parts, outcomes[0]?.masquerade === true ? 'masqueraded' : 'not masqueraded'].join(', ');
}

function outcomeText(outcome: FlowOutcome, withMasquerade: boolean): string {
  const how = withMasquerade && outcome.masquerade ? ', masqueraded' : '';
  return `${placeText(outcome)} (${shareText(outcome.share)}${how})`;
}

function placeText({ kind, endpoint = '' }: FlowOutcome): string {
  if (kind === 'endpoint') return endpoint;
  return kind === 'untouched' ? `untouched, to ${endpoint}` : kind;
}

/** Line numbers are those of the compiled rules, as `compile --out` writes them. */
function wayText(outcome: FlowOutcome): readonly string[] {
  const steps = outcome.traced.steps.flatMap(({ table, rule }) =>
    rule === undefined ? [] : [`  ${table}, line ${rule.line}: ${rule.rule.text}`],
  );
  return [`rules that match on the way to ${placeText(outcome)}:`, ...(steps.length > 0 ? steps : ['  none'])];
}
