import type { Ip, IpFamily } from '../../model/ip.ts';
import type { Expectation } from './expectation.ts';

/** One row of flows.yaml: a new connection, and what must become of its first packet. */
export interface Flow {
  /** As given, else `FROM -> TO`. */
  readonly name: string;
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly from: FlowSource;
  readonly to: FlowDestination;
  /** Only this family. Undefined: each that both ends, and all endpoints that are named, have addresses of. */
  readonly family: IpFamily | undefined;
  /** Undefined: one that no rule names. */
  readonly inInterface: string | undefined;
  /** Session affinity: where this client was sent the last time. */
  readonly remembered: FlowEndpoint | undefined;
  readonly expect: Expectation;
}

export type FlowSource =
  | { readonly kind: 'address'; readonly ip: Ip }
  /** A process of the node itself. */
  | { readonly kind: 'node' }
  /** An address that belongs to no cluster. */
  | { readonly kind: 'outside' }
  | ({ readonly kind: 'pod' } & ObjectName);

export interface FlowDestination {
  readonly target: FlowTarget;
  /** A number, or the name of a Service's port. */
  readonly port: number | string | undefined;
  /** IANA's number; undefined: that of the Service's port, else TCP. */
  readonly protocol: number | undefined;
}

export type FlowTarget =
  | { readonly kind: 'address'; readonly ip: Ip }
  /** The node's own address. */
  | { readonly kind: 'node' }
  /** Its clusterIPs. */
  | ({ readonly kind: 'service' } & ObjectName)
  | ({ readonly kind: 'pod' } & ObjectName);

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** Address and port. */
export interface FlowEndpoint {
  readonly family: IpFamily;
  /** Canonical: `10.244.0.5:8080`, `[fd00::5]:8080`. */
  readonly text: string;
}
