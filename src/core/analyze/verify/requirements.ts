import type { ServicePortEntry } from '../../services/service-port.ts';
import type { Diagram } from './node-table.ts';
import type { Place } from './place.ts';
import type { Delivery, Frontend, Refusal } from './specification.ts';

/** What a node must do with the first packet of a connection, for one class of destinations at a time: made from the ServiceTable alone. */
export interface Requirements {
  /** The service port whose health check is asked for at a place. */
  readonly healthCheckAt: (place: Place) => ServicePortEntry | undefined;
  /** The frontends that a place is, nodePorts included; whether or not they have endpoints. */
  readonly frontendsAt: (place: Place) => readonly Frontend[];
  /** Where packets to a place must go, and those that must go nowhere. */
  readonly deliveries: (
    place: Place,
    packets: Diagram,
  ) => { readonly deliveries: readonly Delivery[]; readonly rest: Diagram };
  /** What must not get through to a place that packets have when they meet the filters, translated or not. */
  readonly refusals: (place: Place, typeLevel: number) => readonly Refusal[];
  /** Packets to a place that are of no Service, and may be masqueraded all the same. */
  readonly mayMasquerade: (place: Place) => Diagram;
  /** Packets to a place that may be refused whatever connection they belong to, as no such connection can begin. */
  readonly neverBegun: (place: Place) => Diagram;
}
