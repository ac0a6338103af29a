import type { Diagram } from './node-table.ts';
import type { Tracking } from './view.ts';
import type { Place } from './place.ts';
import type { Served } from './ipvs/served-places.ts';
import type { RuleProgram } from './rule-program.ts';
import type { Delivery, Frontend, Refusal } from './specification.ts';

/** What can be wrong with rules. */
export type FaultKind =
  /** Packets that must go to an endpoint do not. */
  | 'not-delivered'
  /** They go to an address that is none of the endpoints. */
  | 'wrong-endpoint'
  /** An endpoint gets more or less than its share. */
  | 'uneven-shares'
  | 'masquerade-missing'
  | 'masquerade-unwanted'
  /** Endpoints are chosen in another way than configured. */
  | 'scheduler'
  /** A client of session affinity is sent elsewhere, or not remembered. */
  | 'affinity'
  /** Packets that must go to an endpoint are dropped or rejected. */
  | 'refused'
  /** Packets that must be dropped or rejected are not. */
  | 'not-refused'
  /** DROP in place of REJECT, or the contrary. */
  | 'wrong-refusal'
  /** kube-proxy's mark stays on packets that leave. */
  | 'mark-left'
  /** Bits of the mark are changed that are not kube-proxy's. */
  | 'foreign-mark-bits'
  /** Something is done to packets of no Service. */
  | 'no-service'
  /** The network reaches what listens on loopback. */
  | 'localhost-open'
  | 'health-check-refused'
  /** Packets of connections that exist are dropped. */
  | 'existing-connections'
  /** Something else than dropping is done to packets that connection tracking finds invalid, or does not track. */
  | 'untracked-packets'
  /** Service traffic is changed by a rule that is not kube-proxy's. */
  | 'changed-by-others';

/** What should happen to the packets of a finding. */
export type Expectation =
  | { readonly kind: 'deliver'; readonly delivery: Delivery }
  | { readonly kind: 'refuse'; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' };

/** Some packets of one class of destinations to which the wrong thing happens. */
export interface Finding {
  readonly kind: FaultKind;
  readonly frontend: Frontend | undefined;
  readonly place: Place;
  readonly tracking: Tracking;
  /** Never empty. */
  readonly packets: Diagram;
  /** Where the packets are translated to, if that is what is wrong behind: `10.0.0.1:80`. */
  readonly through: string | undefined;
  readonly expected: Expectation;
  /** The virtual server that is wrong by itself, whatever the rules. */
  readonly server?: Served;
}

/** Packets about which nothing can be said because of a rule. */
export interface Doubt {
  readonly rule: RuleProgram;
  readonly frontend: Frontend | undefined;
  readonly place: Place;
  readonly tracking: Tracking;
  readonly packets: Diagram;
}
