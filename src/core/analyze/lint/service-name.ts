// The service port that a rule speaks of. Names of chains are hashes, so the comments that kube-proxy writes are the only place that says it.

export interface NamedRule {
  /** As it is in the comment and in the hash: `namespace/name:port`; before 1.18 an unnamed port left a colon at the end. */
  readonly name: string;
  /** What stands behind the name: `cluster IP`, `has no endpoints` ...; empty if nothing does. */
  readonly what: string;
}

const NAME = String.raw`([\w.-]+\/[\w.-]+(?::[\w.-]*)?)`;
const AT_START = new RegExp(
  `^${NAME}(?: (cluster IP|external IP|loadbalancer IP|has no endpoints|has no local endpoints|health check node port|traffic not accepted by KUBE-FW-\\w+|-> \\S+|loadbalancer health check))?$`,
);
const INSIDE = new RegExp(
  `(?:traffic for|traffic to|Balancing rule \\d+ for|Redirect pods trying to reach external loadbalancer VIP to clusterIP for) ${NAME}(?: |$)`,
);
const IN_QUOTES = new RegExp(`^"?${NAME}"?(?: |$)`);

/** What kube-proxy of any version says in the comment of a rule of one service port. */
export function namedRule(comment: string): NamedRule | undefined {
  if (!comment.includes('/')) return undefined;
  const start = AT_START.exec(comment);
  if (start !== null) return { name: start[1] ?? '', what: start[2] ?? '' };
  const inside = INSIDE.exec(comment) ?? IN_QUOTES.exec(comment);
  return inside === null ? undefined : { name: inside[1] ?? '', what: '' };
}

/** The name as Kubernetes has it today, for people. */
export function shownName(name: string): string {
  return name.endsWith(':') ? name.slice(0, -1) : name;
}
