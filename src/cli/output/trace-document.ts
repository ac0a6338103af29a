import { endpointText, type Address } from '../../core/analyze/trace/address.ts';
import type { Effect, Step, Translation } from '../../core/analyze/trace/course.ts';
import { choicesOf, choiceText, serviceOf } from '../../core/analyze/trace/decisions.ts';
import { explainStep } from '../../core/analyze/trace/explain-step.ts';
import { hex } from '../../core/ruleset/print-values.ts';
import type { Fate, TraceOutcome } from '../../core/analyze/trace/outcomes.ts';
import type { TracePacket } from '../../core/analyze/trace/packet.ts';
import { evenShare, fractionText, shareNumber, type Share } from '../../core/analyze/trace/share.ts';
import type { Trace } from '../../core/analyze/trace/trace.ts';
import type { Question } from '../../core/analyze/trace/question.ts';
import { certainShare, type Condition } from '../../core/analyze/trace/weight.ts';
import { virtualServerKey } from '../../core/ruleset/virtual-server.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import { assumptionText, conditionText, fateText, flagFor, hookText, repeatedTexts } from './trace-texts.ts';

export interface TraceDocumentOptions {
  /** Which packet of the connection was traced. */
  readonly direction: 'original' | 'reply';
  /** With a sentence for each rule. */
  readonly explain: boolean;
}

/** What the parts of the document need besides what they tell. */
interface Words extends TraceDocumentOptions {
  /** Of two questions with the same words it says the hook. */
  readonly textOf: (condition: Condition) => string;
}

/** A fraction of which numerator or denominator are longer is not written out: a chain of 5000 endpoints has 46,000 digits. */
const MOST_DIGITS = 400;

const HEAD = { apiVersion: 'chainsmith/v1', kind: 'Trace' };

/** Where no rules could be read: nothing is known of the packet. */
export const UNREAD_TRACE: object = { ...HEAD, outcomes: [] };

/** `chainsmith trace -o json`; docs/trace.md describes it. */
export function traceDocument(trace: Trace, options: TraceDocumentOptions): object {
  const { packet, outcomes, assumptions, open, gaveUp } = trace;
  const repeated = repeatedTexts(open);
  const hookOf = (question: Question): string => (repeated.has(question.yes) ? hookText(question) : '');
  const words: Words = {
    ...options,
    textOf: (condition) => `${conditionText(condition)}${hookOf(condition.question)}`,
  };
  return {
    ...HEAD,
    family: packet.destination.family,
    direction: options.direction,
    packet: packetData(packet),
    decisions: choicesOf(outcomes).map(choiceText),
    outcomes: outcomes.map((outcome) => outcomeData(outcome, words)),
    assumptions: assumptions.map((made) => ({
      kind: made.question.kind,
      text: assumptionText(made),
      ...(flagFor(made.question) === undefined ? {} : { flag: flagFor(made.question) }),
      ...placeData(made.question.place),
    })),
    open: open.map((question) => ({
      kind: question.kind,
      text: `${question.yes}${hookOf(question)}`,
      ...placeData(question.place),
    })),
    gaveUp,
  };
}

function packetData(packet: TracePacket): unknown {
  const { origin, source, destination, protocol, sourcePort, destinationPort, mark, state = 'NEW' } = packet;
  const { inInterface, outInterface } = packet;
  return {
    origin,
    source: addressData(source),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    destination: addressData(destination),
    ...(destinationPort === undefined ? {} : { destinationPort }),
    protocol: protocolText(protocol),
    state,
    mark: hex(mark ?? 0),
    ...(inInterface === undefined ? {} : { inInterface }),
    ...(outInterface === undefined ? {} : { outInterface }),
  };
}

function addressData(address: Address): string | null {
  return address === 'own' ? null : address.text;
}

function outcomeData(outcome: TraceOutcome, words: Words): unknown {
  const { fate, weight, destinationNat, ipvs, sourceNat, mark, connectionMark, hairpin, steps, rulesAsked, ways } =
    outcome;
  const share = certainShare(weight);
  const service = serviceOf(outcome);
  return {
    fate: { ...fateData(fate), text: fateText(outcome) },
    ...(service === undefined ? {} : { service }),
    probability: share === undefined ? null : shareData(share),
    alternatives: weight.map((one) => ({
      conditions: one.conditions.map(words.textOf),
      probability: one.share === undefined ? null : shareData(one.share),
    })),
    destinationNat: natData(destinationNat),
    ...(ipvs === undefined ? {} : { ipvs: ipvsData(ipvs) }),
    sourceNat: natData(sourceNat),
    mark: hex(mark),
    connectionMark: hex(connectionMark),
    hairpin,
    needsRouteLocalnet: outcome.needsRouteLocalnet,
    rulesAsked,
    ways,
    steps: steps.map((step) => stepData(step, words)),
  };
}

function fateData(fate: Fate): object {
  if (fate.kind === 'rejected') return { kind: fate.kind, with: fate.with };
  if (fate.kind === 'dropped' || fate.kind === 'unknown') return { kind: fate.kind };
  const { kind, address, port } = fate;
  return {
    kind,
    address: addressData(address),
    ...(port === undefined ? {} : { port }),
    endpoint: endpointText(address, port),
  };
}

function shareData(share: Share): object {
  const fraction = fractionText(share, MOST_DIGITS);
  const even = evenShare(share);
  return {
    value: shareNumber(share),
    ...(fraction === undefined ? {} : { fraction }),
    ...(even === undefined ? {} : { about: even === 1 ? '1' : `1/${even}` }),
  };
}

function natData(nat: Translation | undefined): object | null {
  if (nat === undefined) return null;
  const { kind, address, port, rule } = nat;
  return { kind, address: addressData(address), ...(port === undefined ? {} : { port }), line: rule.line };
}

function ipvsData({ server, real }: NonNullable<TraceOutcome['ipvs']>): object {
  const { scheduler, persistence } = server;
  return {
    virtualServer: virtualServerKey(server),
    scheduler,
    ...(persistence === undefined ? {} : { persistenceSeconds: persistence.seconds }),
    realServer: endpointText(real.address, real.port),
  };
}

function stepData(step: Step, { explain, textOf }: Words): object {
  const { hook, table, chain, rule, effect, chance, conditions } = step;
  return {
    hook,
    table,
    chain,
    ...(rule === undefined ? {} : { line: rule.line, rule: rule.rule.text }),
    effect: effectData(effect),
    ...(chance === undefined ? {} : { chance: shareData(chance) }),
    ...(conditions.length === 0 ? {} : { conditions: conditions.map(textOf) }),
    ...(explain ? { explanation: explainStep(step) } : {}),
  };
}

function effectData(effect: Effect): object {
  if ('address' in effect) {
    const { kind, address, port } = effect;
    return { kind, address: addressData(address), ...(port === undefined ? {} : { port }) };
  }
  if (effect.kind === 'mark' || effect.kind === 'connmark') {
    return { kind: effect.kind, before: hex(effect.before), after: hex(effect.after) };
  }
  return effect;
}

function placeData(
  place: { readonly table: string; readonly chain: string; readonly line: number; readonly text: string } | undefined,
): object {
  if (place === undefined) return {};
  const { table, chain, line, text } = place;
  return { table, chain, line, ...(text === '' ? {} : { rule: text }) };
}
