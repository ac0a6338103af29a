import type { Trace } from '../trace/trace.ts';
import type { EndpointsExpected, Expectation } from './expectation.ts';
import { isExpectedShare } from './expected-share.ts';
import type { FlowEndpoint } from './flow.ts';
import { flowOutcomes, shareText, type FlowOutcome } from './flow-outcome.ts';

export interface FlowJudgement {
  /** What is not as expected; empty if all is. */
  readonly faults: readonly FlowFault[];
  readonly outcomes: readonly FlowOutcome[];
}

export interface FlowFault {
  readonly text: string;
  /** Where it shows, if it shows somewhere. */
  readonly outcome?: FlowOutcome;
}

/** Judges all that can become of a packet. Endpoints of the other family are not asked for. */
export function judgeFlow(expect: Expectation, trace: Trace): FlowJudgement {
  const outcomes = flowOutcomes(trace.outcomes);
  const wanted = expect.kind === 'endpoints' ? 'endpoint' : expect.kind;
  const others = outcomes.filter(({ kind }) => kind !== wanted);
  const faults = [
    ...(trace.gaveUp ? [{ text: 'the rules lead to more ways than can be followed' }] : []),
    ...(outcomes.length === 0 ? [{ text: 'nothing becomes of it' }] : []),
    ...outcomes.flatMap(undecided),
    ...others.map((outcome) => ({ text: `it is ${kindText(outcome)}`, outcome })),
    ...judgeDetails(
      expect,
      outcomes.filter(({ kind }) => kind === wanted),
      trace,
    ),
  ];
  const byText = new Map(faults.toReversed().map((fault) => [fault.text, fault]));
  return { faults: [...byText.values()].toReversed(), outcomes };
}

/** What depends on something that nobody knows is not as anybody expects. */
function undecided(outcome: FlowOutcome): readonly FlowFault[] {
  return outcome.weight.flatMap(({ conditions, share }) => {
    if (share === undefined) return [{ text: 'too much depends on what is not known', outcome }];
    return conditions.map(({ question }) => ({ text: `it depends on whether ${question.yes}`, outcome }));
  });
}

function kindText({ kind, endpoint = '', share }: FlowOutcome): string {
  const part = shareText(share);
  const often = part === '1' ? '' : ` (${part})`;
  switch (kind) {
    case 'endpoint':
      return `sent to ${endpoint}${often}`;
    case 'untouched':
      return `touched by no Service, and goes to ${endpoint}${often}`;
    case 'unknown':
      return `treated in a way that cannot be known${often}`;
    case 'rejected':
    case 'dropped':
      return `${kind}${often}`;
  }
}

/** @param found those that are of the expected kind */
function judgeDetails(expect: Expectation, found: readonly FlowOutcome[], trace: Trace): readonly FlowFault[] {
  switch (expect.kind) {
    case 'rejected':
    case 'dropped':
      return [];
    case 'untouched':
      return judgeMasquerade(expect.masquerade, found);
    case 'endpoints':
      return judgeEndpoints(expect, found, trace);
  }
}

function judgeEndpoints(expect: EndpointsExpected, found: readonly FlowOutcome[], trace: Trace): readonly FlowFault[] {
  const { family } = trace.packet.destination;
  const own = expect.reaches?.filter((endpoint) => endpoint.family === family);
  const count = own?.length ?? expect.count;
  const all = joinedShares(found);
  return [
    ...(count === undefined || count === all.length
      ? []
      : [{ text: `it can reach ${many(all.length)}, not ${count}` }]),
    ...(own === undefined ? [] : judgeNames(own, all)),
    ...judgeShares(expect.shares, all),
    ...judgeMasquerade(expect.masquerade, expect.hairpin === true ? found.filter((one) => !one.hairpin) : found),
    ...judgeHairpin(expect.hairpin, found),
  ];
}

/** One per endpoint, masqueraded or not. */
function joinedShares(found: readonly FlowOutcome[]): readonly FlowOutcome[] {
  return flowOutcomes(found.map(({ traced, weight }) => ({ ...traced, weight, sourceNat: undefined })));
}

function many(count: number): string {
  return count === 1 ? '1 endpoint' : `${count} endpoints`;
}

function judgeNames(expected: readonly FlowEndpoint[], found: readonly FlowOutcome[]): readonly FlowFault[] {
  const reached = new Set(found.map(({ endpoint }) => endpoint));
  const wanted = new Set<string | undefined>(expected.map(({ text }) => text));
  return [
    ...expected.filter(({ text }) => !reached.has(text)).map(({ text }) => ({ text: `it never reaches ${text}` })),
    ...found
      .filter(({ endpoint }) => !wanted.has(endpoint))
      .map((outcome) => ({ text: `it can reach ${outcome.endpoint ?? ''}, which is not expected`, outcome })),
  ];
}

function judgeShares(expected: EndpointsExpected['shares'], found: readonly FlowOutcome[]): readonly FlowFault[] {
  if (expected === undefined) return [];
  const n = found.length;
  const even = { above: 1n, below: BigInt(Math.max(n, 1)), off: 0n, text: n === 1 ? '1' : `1/${n}` };
  return found.flatMap((outcome) => {
    const { endpoint = '', share } = outcome;
    const wanted = expected === 'even' ? even : expected.get(endpoint);
    if (wanted === undefined || share === undefined || isExpectedShare(share, wanted, n)) return [];
    return [{ text: `${endpoint} has a share of ${shareText(share)}, not of ${wanted.text}`, outcome }];
  });
}

function judgeMasquerade(
  expected: EndpointsExpected['masquerade'],
  found: readonly FlowOutcome[],
): readonly FlowFault[] {
  if (expected === undefined) return [];
  const wanted = ({ endpoint }: FlowOutcome): boolean =>
    typeof expected === 'boolean' ? expected : expected.some(({ text }) => text === endpoint);
  return found
    .filter((outcome) => outcome.masquerade !== wanted(outcome))
    .map((outcome) => {
      const { endpoint = '', masquerade } = outcome;
      return { text: `to ${endpoint} it is ${masquerade ? '' : 'not '}masqueraded`, outcome };
    });
}

function judgeHairpin(expected: boolean | undefined, found: readonly FlowOutcome[]): readonly FlowFault[] {
  if (expected === undefined) return [];
  const back = found.filter(({ hairpin }) => hairpin);
  if (!expected) return back.map((outcome) => ({ text: `it can be sent back to ${client(outcome)}`, outcome }));
  if (back.length === 0) return [{ text: 'no endpoint is the client itself' }];
  return back
    .filter(({ masquerade }) => !masquerade)
    .map((outcome) => ({ text: `to ${client(outcome)} it is not masqueraded, and gets no answer`, outcome }));
}

function client({ endpoint = '' }: FlowOutcome): string {
  return `the client itself (${endpoint})`;
}
