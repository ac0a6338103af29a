/** A second opinion on what verify says: the tracer's, which shares no code with it. */
import type { Assumptions } from '../../src/core/analyze/trace/assumptions.ts';
import type { Question } from '../../src/core/analyze/trace/question.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import type { Difference } from '../../src/core/analyze/verify/difference.ts';
import type { ExamplePacket } from '../../src/core/analyze/verify/example.ts';
import type { FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { outcomeWords, tracedPacket } from './traced-example.ts';
import { claimed, UNSEEN } from './verify-confirm.ts';

/** What the example says of the node, and nothing else. */
function answersOf(packet: ExamplePacket): Assumptions {
  const recent = new Map(
    packet.conditions.flatMap(({ condition, holds }) =>
      condition.kind === 'recent' ? [[condition.list, holds] as const] : [],
    ),
  );
  const local = new Map([
    [packet.source, packet.sourceIsLocal],
    [packet.destination, packet.destinationIsLocal],
  ]);
  return {
    answer: ({ kind, subject }: Question) => {
      if (kind === 'recent') return recent.get(subject) ?? false;
      if (kind === 'local') return local.get(subject) ?? packet.endpointIsLocal;
      return undefined;
    },
  };
}

/** Undefined if something is left open. */
function traced(text: string, packet: ExamplePacket, family: FamilyMeaning['family']): readonly string[] | undefined {
  const asked = tracedPacket(packet);
  if (asked === undefined) return undefined;
  return outcomeWords(trace(parseIptablesSave(text, { family }).ruleset, asked, answersOf(packet)).outcomes);
}

/** As `confirmByWalker`: true, what the tracer says instead, or undefined if it leaves something open. */
export function confirmByTrace(
  difference: Difference,
  text: string,
  right: string,
  { family }: FamilyMeaning,
): string | boolean | undefined {
  const { packet } = difference;
  if (packet.tracking !== 'NEW' || packet.conditions.some(({ condition }) => condition.kind !== 'recent'))
    return undefined;
  const lists = packet.conditions.flatMap(({ condition }) => (condition.kind === 'recent' ? [condition.list] : []));
  // One list with two ages.
  if (new Set(lists).size < lists.length) return undefined;
  const now = traced(text, packet, family);
  if (now === undefined) return undefined;
  const said = [...claimed(difference)].sort();
  if (now.join('\n') !== said.join('\n')) return `traced: ${now.join(', ')}; said: ${said.join(', ')}`;
  if (UNSEEN.has(difference.kind)) return true;
  return traced(right, packet, family)?.join('\n') !== now.join('\n') || `by the right rules too: ${now.join(', ')}`;
}
