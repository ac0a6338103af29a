// The service port that a rule speaks of. Names of chains are hashes, so the comments that kube-proxy writes are the only place that says it.

export interface ServiceComment {
  /** `namespace/name:port`, or `namespace/name` of a port without a name. */
  readonly service: string;
  /** What stands behind the name: `cluster IP`, `has no endpoints` ...; empty if nothing does. */
  readonly what: string;
}

/** kube-proxy before 1.19 wrote a colon behind the name of a Service whose port has no name. */
const NAME = String.raw`([\w.-]+\/[\w.-]+(?::[\w.-]+)?):?`;

/** What stands before and behind the name, in all versions since 1.1. */
const FORMS: readonly RegExp[] = [
  new RegExp(
    `^${NAME}(?: (cluster IP|external IP|loadbalancer IP|has no endpoints|has no local endpoints|health check node port|loadbalancer health check|traffic not accepted by KUBE-FW-\\w+|-> \\S+))?$`,
  ),
  new RegExp(
    `^(?:masquerade(?: LOCAL)? traffic for|route LOCAL traffic for|pod traffic for|other traffic to|Balancing rule \\d+ for) ${NAME}(?: |$)`,
  ),
  new RegExp(`^Redirect pods trying to reach external loadbalancer VIP to clusterIP of ${NAME}$`),
];

/** Undefined for a comment that names no service port: one of somebody else, or of a rule for all of them. */
export function readServiceComment(comment: string): ServiceComment | undefined {
  for (const form of FORMS) {
    const found = form.exec(comment);
    if (found !== null) return { service: found[1] ?? '', what: found[2] ?? '' };
  }
  return undefined;
}
