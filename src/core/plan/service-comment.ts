// The service port that a rule speaks of. Names of chains are hashes, so the comments that kube-proxy writes are the only place that says it.
import { commentOf } from './rule-lines.ts';

export interface ServiceComment {
  /** `namespace/name:port`, or `namespace/name` of an unnamed port. */
  readonly service: string;
  /** What stands behind the name: `cluster IP`, `has no endpoints` ...; empty if nothing does. */
  readonly what: string;
}

/** kube-proxy before 1.19 wrote a colon behind the name of a Service whose port has no name. */
const NAME = String.raw`([\w.-]+\/[\w.-]+(?::[\w.-]+)?):?`;
const AT_START = new RegExp(
  `^${NAME}(?: (cluster IP|external IP|loadbalancer IP|has no endpoints|has no local endpoints|health check node port|traffic not accepted by KUBE-FW-\\w+|-> \\S+|loadbalancer health check))?$`,
);
const INSIDE = new RegExp(
  `^(?:masquerade(?: LOCAL)? traffic for|route LOCAL traffic for|pod traffic for|other traffic to|Balancing rule \\d+ for) ${NAME}(?: |$)`,
);

export function serviceComment(line: string): ServiceComment | undefined {
  const comment = commentOf(line);
  if (comment === undefined) return undefined;
  const start = AT_START.exec(comment);
  if (start !== null) return { service: start[1] ?? '', what: start[2] ?? '' };
  const inside = INSIDE.exec(comment);
  return inside === null ? undefined : { service: inside[1] ?? '', what: '' };
}
