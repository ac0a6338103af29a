import type { Diagrams } from '../verify/diagram.ts';
import { DESTINATION_TYPE } from '../verify/levels.ts';
import { ALWAYS, NEVER, type Diagram } from '../verify/node-table.ts';
import type { Place } from '../verify/place.ts';
import type { Requirements } from '../verify/requirements.ts';
import type { ModeFate } from './mode-difference.ts';

/** Some packets, and what happens to all of them. */
export interface Region {
  readonly fate: ModeFate;
  readonly packets: Diagram;
}

/**
 * All packets to a place, by what must happen to them.
 *
 * @param isLoopbackPlace nodePorts that do not answer there may be refused there, and are
 */
export function regionsOf(
  requirements: Requirements,
  place: Place,
  diagrams: Diagrams,
  isLoopbackPlace: boolean,
): readonly Region[] {
  const regions: Region[] = [];
  const add = (fate: ModeFate, packets: Diagram): void => {
    if (packets !== NEVER) regions.push({ fate, packets });
  };
  const { deliveries, rest } = requirements.deliveries(place, ALWAYS);
  for (const { packets, endpoints, masquerade, mayMasquerade } of deliveries) {
    const texts = endpoints.map(({ text }) => text);
    // What may be masqueraded whatever its source is.
    const masked = diagrams.and(packets, mayMasquerade === ALWAYS ? ALWAYS : masquerade);
    add({ kind: 'endpoints', endpoints: texts, masquerade: true }, masked);
    add({ kind: 'endpoints', endpoints: texts, masquerade: false }, diagrams.minus(packets, masked));
  }
  let left = rest;
  for (const { verdict, must, may } of requirements.refusals(place, DESTINATION_TYPE)) {
    const refused = isLoopbackPlace ? diagrams.or(must, may) : must;
    add({ kind: verdict }, diagrams.and(left, refused));
    left = diagrams.minus(left, refused);
  }
  add({ kind: 'untouched' }, left);
  return regions;
}

export function fateKey(fate: ModeFate): string {
  return fate.kind === 'endpoints' ? `${[...fate.endpoints].sort().join()} ${fate.masquerade}` : fate.kind;
}
