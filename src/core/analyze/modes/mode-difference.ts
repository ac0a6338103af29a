import type { ExamplePacket } from '../verify/example.ts';
import type { FrontendKind } from '../verify/specification.ts';

/** In what the iptables mode and the ipvs mode of kube-proxy are known to differ. */
export type ModeTopic =
  /** A policy Local, and no endpoint on this node. */
  | 'no-local-endpoints'
  /** A Service without endpoints. */
  | 'no-endpoints'
  /** nodePorts at 127.0.0.0/8. */
  | 'localhost-node-ports'
  /** nodePorts at addresses of the node that nobody has told. */
  | 'node-port-addresses'
  /** Source ranges of a load balancer without endpoints. */
  | 'source-ranges'
  /** Packets that conntrack finds INVALID. */
  | 'invalid-packets'
  /** A port of a clusterIP that is none of a Service. */
  | 'other-ports-of-cluster-ip'
  /** The same of external and load balancer IPs. */
  | 'other-ports-of-external-ip'
  /** externalTrafficPolicy Local for Pods and the node itself. */
  | 'local-policy-inside'
  /** Masquerading where nothing tells Pods of the node. */
  | 'masquerade-of-node'
  /** A port of a Service that is the number of a nodePort too. */
  | 'port-of-node-port'
  /** An endpoint of another node that is given what it has sent itself. */
  | 'hairpin-of-other-node'
  /** How many rules the first packet of a connection meets. */
  | 'first-packet';

/** What happens to a packet. */
export type ModeFate =
  | {
      readonly kind: 'endpoints';
      readonly endpoints: readonly string[];
      readonly masquerade: boolean;
      /** Endpoints at the packet's own source, for which alone it is masqueraded. Absent: none. */
      readonly toItself?: readonly string[];
    }
  /** `refused`: by IPVS, for a virtual server without real servers. */
  | { readonly kind: 'reject' | 'refused' | 'drop' | 'untouched' }
  /** How many rules are asked until its end, whatever that is. */
  | { readonly kind: 'asked'; readonly rules: number };

export interface ModeDifference {
  readonly topic: ModeTopic;
  /** `namespace/name:port`; undefined where it is about no Service. */
  readonly service: string | undefined;
  readonly protocol: string | undefined;
  readonly frontend: FrontendKind | undefined;
  /** One that the two modes treat differently. */
  readonly packet: ExamplePacket;
  readonly iptables: ModeFate;
  readonly ipvs: ModeFate;
}
