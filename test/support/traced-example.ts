/** Packets that verify names, followed by the tracer: what both modes' second opinions have in common. */
import { readAddress } from '../../src/core/analyze/trace/address.ts';
import type { TraceOutcome } from '../../src/core/analyze/trace/outcomes.ts';
import type { TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { shareNumber } from '../../src/core/analyze/trace/share.ts';
import { certainShare } from '../../src/core/analyze/trace/weight.ts';
import type { ExamplePacket } from '../../src/core/analyze/verify/example.ts';

/** The example as the tracer takes it. */
export function tracedPacket(packet: ExamplePacket): TracePacket | undefined {
  const [source, destination] = [readAddress(packet.source), readAddress(packet.destination)];
  if (source === undefined || destination === undefined) return undefined;
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

/** The same words as `claimed`, sorted; undefined if something is left open. */
export function outcomeWords(outcomes: readonly TraceOutcome[]): readonly string[] | undefined {
  const chances = new Map<string, number>();
  for (const outcome of outcomes) {
    const [name, share] = [nameOf(outcome), certainShare(outcome.weight)];
    if (name === undefined || share === undefined) return undefined;
    chances.set(name, (chances.get(name) ?? 0) + shareNumber(share));
  }
  return [...chances].map(([name, chance]) => `${name} ${chance.toFixed(8)}`).sort();
}

/** `10.0.0.1:80 masqueraded`, `untouched`, `reject`; undefined where the tracer leaves it open. */
function nameOf({ fate, destinationNat, ipvs, sourceNat }: TraceOutcome): string | undefined {
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
      const isMoved = destinationNat !== undefined || ipvs !== undefined;
      return `${isMoved ? `${host}:${port ?? 0}` : 'untouched'}${sourceNat === undefined ? '' : ' masqueraded'}`;
    }
  }
}
