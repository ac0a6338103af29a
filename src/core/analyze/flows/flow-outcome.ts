import { endpointText } from '../trace/address.ts';
import { isRedirected, type TraceOutcome } from '../trace/outcomes.ts';
import { evenShare, shareNumber, type Share } from '../trace/share.ts';
import { addWeights, certainShare, type Weight } from '../trace/weight.ts';

/** What becomes of a packet, in the words of flows. */
export interface FlowOutcome {
  readonly kind: 'endpoint' | 'untouched' | 'rejected' | 'dropped' | 'unknown';
  /** Where it goes, if it gets anywhere. */
  readonly endpoint: string | undefined;
  /** Its source is rewritten. */
  readonly masquerade: boolean;
  readonly hairpin: boolean;
  /** Undefined if it depends on what is not known. */
  readonly share: Share | undefined;
  readonly weight: Weight;
  /** One of the ways that lead to it. */
  readonly traced: TraceOutcome;
}

/** Equal outcomes together, in the trace's order. */
export function flowOutcomes(outcomes: readonly TraceOutcome[]): readonly FlowOutcome[] {
  const found = new Map<string, FlowOutcome>();
  for (const outcome of outcomes.map(outcomeOf)) {
    const key = `${outcome.kind} ${outcome.endpoint ?? ''} ${outcome.masquerade}`;
    const before = found.get(key);
    found.set(key, before === undefined ? outcome : { ...before, ...added(before, outcome) });
  }
  return [...found.values()];
}

function added(a: FlowOutcome, b: FlowOutcome): Pick<FlowOutcome, 'share' | 'weight'> {
  const weight = addWeights(a.weight, b.weight);
  return { share: certainShare(weight), weight };
}

function outcomeOf(traced: TraceOutcome): FlowOutcome {
  const { fate, sourceNat, hairpin, weight } = traced;
  const share = certainShare(weight);
  const refused = { endpoint: undefined, masquerade: false, hairpin: false, share, weight, traced };
  switch (fate.kind) {
    case 'rejected':
    case 'dropped':
    case 'unknown':
      return { ...refused, kind: fate.kind };
    case 'delivered':
    case 'forwarded':
    case 'sent': {
      const kind = isRedirected(traced) ? 'endpoint' : 'untouched';
      const endpoint = endpointText(fate.address, fate.port);
      return { kind, endpoint, masquerade: sourceNat !== undefined, hairpin, share, weight, traced };
    }
  }
}

/** `1/3`, `62.5 %`, `depends` */
export function shareText(share: Share | undefined): string {
  if (share === undefined) return 'depends';
  const even = evenShare(share);
  if (even !== undefined) return even === 1 ? '1' : `1/${even}`;
  return `${Number((shareNumber(share) * 100).toPrecision(6))} %`;
}
