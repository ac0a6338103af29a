import { base32Sha256 } from '../util/hash.ts';

/** What the names of a service port's chains are made of. */
export interface NamedServicePort {
  /** `namespace/name:port`, or `namespace/name` for a port without a name; before about v1.18 that was `namespace/name:`. */
  readonly name: string;
  /** Its case does not matter. */
  readonly protocol: string;
}

/** iptables allows 28 characters; a prefix of 9 and 16 of a hash stay below. */
const SUFFIX_LENGTH = 16;

/** One flat string: V8 keeps `a + b` as two pieces, and all names are compared when chains are sorted, which then takes twice as long. */
function named(prefix: string, suffix: string): string {
  return [prefix, suffix].join('');
}

/** The suffix that all chains of one service port share: a hash of its name and protocol (kube-proxy's portProtoHash). */
export function servicePortSuffix(port: NamedServicePort): string {
  return base32Sha256(port.name + port.protocol.toLowerCase(), SUFFIX_LENGTH);
}

/** `KUBE-SEP-…`: one endpoint of one service port. `endpoint` is `address:port`, IPv6 in brackets. */
export function endpointChainName(port: NamedServicePort, endpoint: string): string {
  return named('KUBE-SEP-', base32Sha256(port.name + port.protocol.toLowerCase() + endpoint, SUFFIX_LENGTH));
}

/** All chain names of a service port, whether it needs them or not. */
export interface ServiceChainNames {
  /** Endpoints under the traffic policy Cluster. */
  readonly cluster: string;
  /** Endpoints under the traffic policy Local. */
  readonly local: string;
  /** Traffic from outside the clusterIP: nodePorts, external and load balancer IPs. */
  readonly external: string;
  /** Source ranges of load balancer IPs. */
  readonly firewall: string;
}

export function serviceChainNames(port: NamedServicePort): ServiceChainNames {
  const suffix = servicePortSuffix(port);
  return {
    cluster: named('KUBE-SVC-', suffix),
    local: named('KUBE-SVL-', suffix),
    external: named('KUBE-EXT-', suffix),
    firewall: named('KUBE-FW-', suffix),
  };
}
