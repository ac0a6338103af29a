import { groupBy } from '../../util/group-by.ts';
import type { Endpoint } from '../../services/endpoint.ts';
import { DESTINATION_TYPE } from '../verify/levels.ts';
import { ALWAYS, NEVER, type Diagram } from '../verify/node-table.ts';
import type { Place } from '../verify/place.ts';
import type { Requirements } from '../verify/requirements.ts';
import { single, type Delivery, type Refusal } from '../verify/specification.ts';
import type { Workspace } from '../verify/workspace.ts';
import type { ModeFate } from './mode-difference.ts';

/** Some packets, and what happens to all of them. */
export interface Region {
  readonly fate: ModeFate;
  readonly packets: Diagram;
}

/** One mode, as far as it is no matter of requirements. */
export interface RegionRules {
  readonly work: Workspace;
  readonly requirements: Requirements;
  /** Endpoints that are masqueraded when they are given what they have sent themselves. */
  readonly hairpins: (delivery: Delivery) => readonly Endpoint[];
  /** Who refuses what has no endpoints. */
  readonly refusedBy: (refusal: Refusal, place: Place) => 'reject' | 'refused' | 'drop';
}

/** All packets to a place, by what must happen to them; those that endpoints send to themselves last. */
export function regionsOf(rules: RegionRules, place: Place): readonly Region[] {
  const { requirements, work } = rules;
  const { diagrams } = work;
  const { deliveries, rest } = requirements.deliveries(place, ALWAYS);
  const parts = deliveries.map((delivery) => regionsOfDelivery(rules, delivery));
  const regions = parts.flatMap(([usual]) => usual);
  let left = rest;
  for (const refusal of requirements.refusals(place, DESTINATION_TYPE)) {
    // A nodePort without endpoints may be refused at addresses where it does not answer, and is.
    const refused = refusal.kind === 'nodePort' ? diagrams.or(refusal.must, refusal.may) : refusal.must;
    regions.push({ fate: { kind: rules.refusedBy(refusal, place) }, packets: diagrams.and(left, refused) });
    left = diagrams.minus(left, refused);
  }
  regions.push({ fate: { kind: 'untouched' }, packets: left }, ...parts.flatMap(([, hairpins]) => hairpins));
  return regions.filter(({ packets }) => packets !== NEVER);
}

function regionsOfDelivery(
  { work: { diagrams, sources }, hairpins }: RegionRules,
  delivery: Delivery,
): readonly [readonly Region[], readonly Region[]] {
  const { packets, masquerade, mayMasquerade } = delivery;
  const fate = { kind: 'endpoints', endpoints: delivery.endpoints.map(({ text }) => text) } as const;
  // What may be masqueraded whatever its source is.
  const masked = diagrams.and(packets, mayMasquerade === ALWAYS ? ALWAYS : masquerade);
  let plain = diagrams.minus(packets, masked);
  const toThemselves: Region[] = [];
  for (const [, same] of groupBy(plain === NEVER ? [] : hairpins(delivery), ({ ip }) => ip.text)) {
    const [first] = same;
    if (first === undefined) continue;
    const itself = diagrams.and(plain, sources.diagram(diagrams, single(first.ip)));
    const toItself = same.map(({ text }) => text);
    toThemselves.push({ fate: { ...fate, masquerade: false, toItself }, packets: itself });
    plain = diagrams.minus(plain, itself);
  }
  return [
    [
      { fate: { ...fate, masquerade: true }, packets: masked },
      { fate: { ...fate, masquerade: false }, packets: plain },
    ],
    toThemselves,
  ];
}

/** The same for fates that are the same. */
export function fateKey(fate: ModeFate): string {
  const itself = fate.kind === 'endpoints' ? [...(fate.toItself ?? [])].sort().join() : '';
  return `${fateKeyOfOthers(fate)} ${itself}`;
}

/** The same, whatever becomes of what an endpoint sends to itself. */
export function fateKeyOfOthers(fate: ModeFate): string {
  if (fate.kind === 'asked') return `asked ${fate.rules}`;
  return fate.kind === 'endpoints' ? `${[...fate.endpoints].sort().join()} ${fate.masquerade}` : fate.kind;
}
