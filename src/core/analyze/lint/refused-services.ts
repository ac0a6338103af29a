import { groupedBy } from './grouped.ts';
import { frontendText } from './frontend.ts';
import type { Refusal } from './refusal.ts';
import type { ServiceIndex } from './service-index.ts';

/** A service port for which filter refuses or drops packets. */
export interface RefusedService {
  readonly name: string | undefined;
  readonly first: Refusal;
  readonly more: readonly Refusal[];
  readonly texts: readonly string[];
}

/** One for each service port, in the order of the dump. */
export function refusedServices(
  { refusals }: ServiceIndex,
  wanted: (refusal: Refusal) => boolean,
): readonly RefusedService[] {
  const groups = groupedBy(refusals.filter(wanted), (refusal) => refusal.service ?? frontendText(refusal));
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    return [{ name: first.service, first, more, texts: [first, ...more].map(frontendText) }];
  });
}
