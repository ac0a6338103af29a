import { addressText, endpointText } from '../../core/analyze/trace/address.ts';
import type { Step } from '../../core/analyze/trace/course.ts';
import type { TracePacket } from '../../core/analyze/trace/packet.ts';
import { expectationText, type Expectation } from '../../core/analyze/flows/expectation.ts';
import { shareText, type FlowOutcome } from '../../core/analyze/flows/flow-outcome.ts';
import type { FollowedFlow } from '../../core/analyze/flows/follow-flow.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import { assumptionText } from './trace-texts.ts';

/** So many ends are told one by one. */
const SHOWN = 12;

/** What helps to see why a flow goes another way than expected, as lines. */
export function flowDetails(expect: Expectation, { trace, outcomes, faults }: FollowedFlow): readonly string[] {
  const shown = faults.find(({ outcome }) => outcome !== undefined)?.outcome ?? outcomes[0];
  return [
    `packet   ${packetText(trace.packet)}`,
    `expected ${expectationText(expect)}`,
    `found    ${foundText(outcomes)}`,
    ...trace.assumptions.map((made) => `assumed  ${assumptionText(made)}`),
    ...(shown === undefined ? [] : wayText(shown)),
  ];
}

function packetText({ origin, source, destination, protocol, destinationPort }: TracePacket): string {
  const from = origin === 'node' ? `the node (${addressText(source)})` : addressText(source);
  return `${protocolText(protocol)} from ${from} to ${endpointText(destination, destinationPort)}`;
}

function foundText(outcomes: readonly FlowOutcome[]): string {
  const alike = new Set(outcomes.map(({ masquerade }) => masquerade)).size === 1;
  const arrives = outcomes.some(({ endpoint }) => endpoint !== undefined);
  const parts = outcomes.slice(0, SHOWN).map((outcome) => outcomeText(outcome, !alike));
  if (outcomes.length > SHOWN) parts.push(`and ${outcomes.length - SHOWN} more`);
  if (alike && arrives) parts.push(outcomes[0]?.masquerade === true ? 'masqueraded' : 'not masqueraded');
  return parts.join(', ');
}

function outcomeText(outcome: FlowOutcome, withMasquerade: boolean): string {
  const share = shareText(outcome.share);
  const more = [...(share === '1' ? [] : [share]), ...(withMasquerade && outcome.masquerade ? ['masqueraded'] : [])];
  return `${placeText(outcome)}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}

function placeText({ kind, endpoint = '' }: FlowOutcome): string {
  if (kind === 'endpoint') return endpoint;
  return kind === 'untouched' ? `untouched, to ${endpoint}` : kind;
}

/** Line numbers are those of the compiled rules, as `compile --out` writes them. */
function wayText(outcome: FlowOutcome): readonly string[] {
  const steps = outcome.traced.steps
    .filter(isTold)
    .flatMap(({ table, rule }) => (rule === undefined ? [] : [`  ${table}, line ${rule.line}: ${rule.rule.text}`]));
  const to = outcome.endpoint === undefined ? '' : ` on the way to ${outcome.endpoint}`;
  return [`rules that decide${to}:`, ...(steps.length > 0 ? steps : ['  none'])];
}

/** A jump to a chain in which no rule matches decides nothing. */
function isTold({ effect, table }: Step, at: number, steps: readonly Step[]): boolean {
  if (effect.kind !== 'jump') return true;
  const next = steps[at + 1];
  return next !== undefined && next.table === table && next.chain === effect.chain;
}
