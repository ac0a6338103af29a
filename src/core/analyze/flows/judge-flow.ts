import type { Trace } from '../trace/trace.ts';
import type { EndpointsExpected, Expectation } from './expectation.ts';
import { isExpectedShare } from './expected-share.ts';
import type { FlowEndpoint } from './flow.ts';
import { flowOutcomes, shareText, type FlowOutcome } from './flow-outcome.ts';

export interface FlowJudgement {
  /** What is not as expected; empty if all is. */
  readonly faults: readonly string[];
  readonly outcomes: readonly FlowOutcome[];
}

/** Judges all that can become of a packet. Endpoints of the other family are not asked for. */
export function judgeFlow(expect: Expectation, trace: Trace): FlowJudgement {
  const outcomes = flowOutcomes(trace.outcomes);
  const faults = [
    ...(trace.gaveUp ? ['the rules lead to more ways than can be followed'] : []),
    ...outcomes.flatMap(undecided),
    ...outcomes.flatMap((outcome) => (outcome.kind === wantedKind(expect) ? [] : [`it is ${kindText(outcome)}`])),
    ...judgeDetails(expect, outcomes, trace),
  ];
  return { faults: [...new Set(faults)], outcomes };
}

/** What depends on something that nobody knows is not as anybody expects. */
function undecided({ weight }: FlowOutcome): readonly string[] {
  return weight.flatMap(({ conditions, share }) => {
    if (share === undefined) return ['too much depends on what is not known'];
    return conditions.map(({ question }) => `it depends on whether ${question.yes}`);
  });
}

function wantedKind({ kind }: Expectation): FlowOutcome['kind'] {
  return kind === 'endpoints' ? 'endpoint' : kind;
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

function judgeDetails(expect: Expectation, outcomes: readonly FlowOutcome[], trace: Trace): readonly string[] {
  switch (expect.kind) {
    case 'rejected':
    case 'dropped':
      return [];
    case 'untouched':
      return judgeMasquerade(expect.masquerade, outcomes.filter(isUntouched));
    case 'endpoints':
      return judgeEndpoints(expect, outcomes.filter(isEndpoint), trace);
  }
}

function isUntouched({ kind }: FlowOutcome): boolean {
  return kind === 'untouched';
}

function isEndpoint({ kind }: FlowOutcome): boolean {
  return kind === 'endpoint';
}

function judgeEndpoints(expect: EndpointsExpected, found: readonly FlowOutcome[], trace: Trace): readonly string[] {
  const { family } = trace.packet.destination;
  const own = expect.reaches?.filter((endpoint) => endpoint.family === family);
  const texts = [...new Set(found.map(({ endpoint = '' }) => endpoint))];
  const count = own?.length ?? expect.count;
  return [
    ...(count === undefined || count === texts.length ? [] : [`it can reach ${many(texts.length)}, not ${count}`]),
    ...(own === undefined ? [] : judgeNames(own, texts)),
    ...judgeShares(expect.shares, found, texts),
    ...judgeMasquerade(expect.masquerade, expect.hairpin === true ? found.filter((one) => !one.hairpin) : found),
    ...judgeHairpin(expect.hairpin, found),
  ];
}

function many(count: number): string {
  return count === 1 ? '1 endpoint' : `${count} endpoints`;
}

function judgeNames(expected: readonly FlowEndpoint[], found: readonly string[]): readonly string[] {
  const wanted = expected.map(({ text }) => text);
  return [
    ...wanted.filter((text) => !found.includes(text)).map((text) => `it never reaches ${text}`),
    ...found.filter((text) => !wanted.includes(text)).map((text) => `it can reach ${text}, which is not expected`),
  ];
}

function judgeShares(
  expected: EndpointsExpected['shares'],
  found: readonly FlowOutcome[],
  endpoints: readonly string[],
): readonly string[] {
  if (expected === undefined) return [];
  const n = endpoints.length;
  const even = { above: 1n, below: BigInt(Math.max(n, 1)), off: 0n, text: n === 1 ? '1' : `1/${n}` };
  return joinedShares(found).flatMap(({ endpoint = '', share }) => {
    const wanted = expected === 'even' ? even : expected.get(endpoint);
    if (wanted === undefined || share === undefined || isExpectedShare(share, wanted, n)) return [];
    return [`${endpoint} has a share of ${shareText(share)}, not of ${wanted.text}`];
  });
}

/** One per endpoint, masqueraded or not. */
function joinedShares(found: readonly FlowOutcome[]): readonly FlowOutcome[] {
  return flowOutcomes(found.map(({ traced, weight }) => ({ ...traced, weight, sourceNat: undefined })));
}

function judgeMasquerade(expected: EndpointsExpected['masquerade'], found: readonly FlowOutcome[]): readonly string[] {
  if (expected === undefined) return [];
  const wanted = ({ endpoint }: FlowOutcome): boolean =>
    typeof expected === 'boolean' ? expected : expected.some(({ text }) => text === endpoint);
  return found
    .filter((outcome) => outcome.masquerade !== wanted(outcome))
    .map(({ endpoint = '', masquerade }) => `to ${endpoint} it is ${masquerade ? '' : 'not '}masqueraded`);
}

function judgeHairpin(expected: boolean | undefined, found: readonly FlowOutcome[]): readonly string[] {
  if (expected === undefined) return [];
  const back = found.filter(({ hairpin }) => hairpin);
  if (!expected) return back.map(({ endpoint = '' }) => `it can be sent back to the client itself (${endpoint})`);
  if (back.length === 0) return ['no endpoint is the client itself'];
  return back
    .filter(({ masquerade }) => !masquerade)
    .map(({ endpoint = '' }) => `to the client itself (${endpoint}) it is not masqueraded, and gets no answer`);
}
