import type { FlowEndpoint } from './flow.ts';
import type { ExpectedShare } from './expected-share.ts';

/** What must become of a packet. What is undefined is not asked for. */
export type Expectation = EndpointsExpected | UntouchedExpected | { readonly kind: 'rejected' | 'dropped' };

/** It reaches endpoints of a Service, and nothing else becomes of it. */
export interface EndpointsExpected {
  readonly kind: 'endpoints';
  /** How many different ones. */
  readonly count: number | undefined;
  /** These and no others. */
  readonly reaches: readonly FlowEndpoint[] | undefined;
  /** All have the same share, or each has its own (by the endpoint's text); undefined: any. */
  readonly shares: 'even' | ReadonlyMap<string, ExpectedShare> | undefined;
  /** On all ways, on none, or on those to these endpoints only. */
  readonly masquerade: boolean | readonly FlowEndpoint[] | undefined;
  /**
   * True: one endpoint is the client itself, and what goes there is masqueraded, as the answer would not find back otherwise; `masquerade`
   * is about the others then.
   */
  readonly hairpin: boolean | undefined;
}

/** No rule changes its destination or refuses it. */
export interface UntouchedExpected {
  readonly kind: 'untouched';
  readonly masquerade: boolean | undefined;
}

/** `10.244.0.5:8080, 10.244.1.5:8080 in equal shares, not masqueraded` */
export function expectationText(expect: Expectation): string {
  switch (expect.kind) {
    case 'rejected':
    case 'dropped':
      return expect.kind;
    case 'untouched':
      return ['untouched', ...masqueradeText(expect.masquerade)].join(', ');
    case 'endpoints':
      return endpointsText(expect);
  }
}

function endpointsText({ count, reaches, shares, masquerade, hairpin }: EndpointsExpected): string {
  const even = shares === 'even' && (reaches?.length ?? count) !== 1 ? ' in equal shares' : '';
  const how = [...masqueradeText(masquerade), ...hairpinText(hairpin)];
  return [`${whichText(count, reaches, shares)}${even}`, ...how].join(', ');
}

function whichText(
  count: number | undefined,
  reaches: EndpointsExpected['reaches'],
  shares: EndpointsExpected['shares'],
): string {
  if (shares !== undefined && shares !== 'even') {
    return [...shares].map(([endpoint, { text }]) => `${endpoint} (${text})`).join(', ');
  }
  if (reaches !== undefined) return reaches.map(({ text }) => text).join(', ');
  if (count === undefined) return 'endpoints of a Service';
  return count === 1 ? '1 endpoint' : `${count} endpoints`;
}

function masqueradeText(masquerade: EndpointsExpected['masquerade']): readonly string[] {
  if (masquerade === undefined) return [];
  if (typeof masquerade === 'boolean') return [masquerade ? 'masqueraded' : 'not masqueraded'];
  return [
    masquerade.length === 0 ? 'not masqueraded' : `masqueraded to ${masquerade.map((e) => e.text).join(', ')} only`,
  ];
}

function hairpinText(hairpin: boolean | undefined): readonly string[] {
  if (hairpin === undefined) return [];
  return [hairpin ? 'one of them the client itself, masqueraded' : 'none of them the client itself'];
}
