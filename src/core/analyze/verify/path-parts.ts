import type { Matcher } from './matcher.ts';
import type { Diagram } from './node-table.ts';
import type { ServedPlaces } from './ipvs/served-places.ts';
import type { Translation } from './packet-state.ts';
import type { Place } from './place.ts';
import type { Places } from './places.ts';
import type { Programs } from './programs.ts';
import type { Workspace } from './workspace.ts';

/** What the way of packets leads through. */
export interface PathParts {
  readonly work: Workspace;
  readonly programs: Programs;
  readonly matcher: Matcher;
  /** Classes of destinations once they are settled: fewer than at first, as most rules lie behind. */
  readonly laterPlaces: Places;
  /** Whose tails are asked for; usually every packet. */
  readonly packets: Diagram;
  /** The virtual servers of the ipvs mode; undefined: IPVS has none. */
  readonly servers: ServedPlaces | undefined;
}

/** Where a translated packet goes; undefined if that is no single address. */
export function destinationOf({ laterPlaces }: PathParts, place: Place, translation: Translation): Place | undefined {
  const { address, port } = translation;
  return address === undefined ? undefined : laterPlaces.of(address, place.protocol, port ?? place.port);
}
