/** A second opinion on what verify says: the tracer's, which shares no code with it. */
import { readAddress, type KnownAddress } from '../../src/core/analyze/trace/address.ts';
import type { Assumptions } from '../../src/core/analyze/trace/assumptions.ts';
import type { TraceOutcome } from '../../src/core/analyze/trace/outcomes.ts';
import type { TracePacket } from '../../src/core/analyze/trace/packet.ts';
import type { Question } from '../../src/core/analyze/trace/question.ts';
import { shareNumber } from '../../src/core/analyze/trace/share.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { certainShare } from '../../src/core/analyze/trace/weight.ts';
import type { Difference } from '../../src/core/analyze/verify/difference.ts';
import type { ExamplePacket } from '../../src/core/analyze/verify/example.ts';
import type { FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { claimed, UNSEEN } from './verify-confirm.ts';

/** The example as the tracer takes it. */
function packetOf(packet: ExamplePacket, source: KnownAddress, destination: KnownAddress): TracePacket {
  return {
    origin: packet.inInterface === undefined ? 'node' : 'network',
    source,
    destination,
    protocol: packet.protocol,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
    icmp: packet.icmp,
    tcpFlags: packet.tcpFlags,
    mark: packet.mark,
    inInterface: packet.inInterface,
    outInterface: packet.newOutInterface ?? packet.outInterface ?? (packet.inInterface === 'eth9' ? 'eth8' : 'eth9'),
    state: 'NEW',
  };
}

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

/** `10.0.0.1:80 masqueraded`, `untouched`, `reject`; undefined where the tracer leaves it open. */
function nameOf({ fate, destinationNat, sourceNat }: TraceOutcome): string | undefined {
  switch (fate.kind) {
    case 'rejected':
      return 'reject';
    case 'dropped':
      return 'drop';
    case 'unknown':
      return undefined;
    case 'delivered':
    case 'forwarded':
    case 'sent': {
      const { address, port } = fate;
      if (address === 'own') return undefined;
      const host = address.family === 'ipv4' ? address.text : `[${address.text}]`;
      return `${destinationNat === undefined ? 'untouched' : `${host}:${port ?? 0}`}${sourceNat === undefined ? '' : ' masqueraded'}`;
    }
  }
}

/** The same words as `claimed`, sorted; undefined if something is left open. */
function traced(text: string, packet: ExamplePacket, family: FamilyMeaning['family']): readonly string[] | undefined {
  const [source, destination] = [readAddress(packet.source), readAddress(packet.destination)];
  if (source === undefined || destination === undefined) return undefined;
  const { outcomes } = trace(
    parseIptablesSave(text, { family }).ruleset,
    packetOf(packet, source, destination),
    answersOf(packet),
  );
  const chances = new Map<string, number>();
  for (const outcome of outcomes) {
    const [name, share] = [nameOf(outcome), certainShare(outcome.weight)];
    if (name === undefined || share === undefined) return undefined;
    chances.set(name, (chances.get(name) ?? 0) + shareNumber(share));
  }
  return [...chances].map(([name, chance]) => `${name} ${chance.toFixed(8)}`).sort();
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
