import type { Rule } from '../../ruleset/rule.ts';

/** What kube-proxy says of a rule, in the comment of any version since 1.1. */
export type CommentTopic =
  | 'cluster-ip'
  | 'external-ip'
  | 'load-balancer-ip'
  | 'no-endpoints'
  | 'no-local-endpoints'
  | 'health-check'
  | 'firewall'
  | 'endpoint'
  | 'external'
  | 'name';

export interface ServiceComment {
  /** As it was written, for it is what was hashed: `namespace/name:port`, `namespace/name`, and `namespace/name:` before 1.19. */
  readonly written: string;
  readonly namespace: string;
  readonly serviceName: string;
  /** "" for a port without a name. */
  readonly portName: string;
  readonly topic: CommentTopic;
  /** `10.244.0.1:8080`, where the comment ends in `-> 10.244.0.1:8080` (since 1.24). */
  readonly endpoint: string | undefined;
}

const NAME = String.raw`(([\w.-]+)\/([\w.-]+)(?::([\w.-]*))?)`;

const FORMS: readonly (readonly [CommentTopic, RegExp])[] = [
  ['name', new RegExp(`^${NAME}$`)],
  ['endpoint', new RegExp(`^${NAME} -> (\\S+)$`)],
  ['cluster-ip', new RegExp(`^${NAME} cluster IP$`)],
  ['external-ip', new RegExp(`^${NAME} external IP$`)],
  ['load-balancer-ip', new RegExp(`^${NAME} loadbalancer IP$`)],
  ['no-endpoints', new RegExp(`^${NAME} has no endpoints$`)],
  ['no-local-endpoints', new RegExp(`^${NAME} has no local endpoints$`)],
  ['health-check', new RegExp(`^${NAME} health check node port$`)],
  ['firewall', new RegExp(`^${NAME} traffic not accepted by `)],
  ['firewall', new RegExp(`^other traffic to ${NAME} will be dropped`)],
  ['name', new RegExp(`^Balancing rule \\d+ for ${NAME}$`)],
  ['external', new RegExp(`^(?:masquerade|masquerade LOCAL|route LOCAL|pod) traffic for ${NAME} (?:external|LB IP)`)],
];

/** Undefined for a comment that names no service port: one of somebody else, or of a rule for all of them. */
export function parseServiceComment(text: string): ServiceComment | undefined {
  if (!text.includes('/')) return undefined;
  for (const [topic, form] of FORMS) {
    const found = form.exec(text);
    if (found === null) continue;
    const [, written = '', namespace = '', serviceName = '', portName = '', endpoint] = found;
    return { written, namespace, serviceName, portName, topic, endpoint };
  }
  return undefined;
}

/** The first comment of a rule that names a service port. */
export function serviceCommentOf({ matches }: Rule): ServiceComment | undefined {
  for (const match of matches) {
    const comment = match.kind === 'comment' ? parseServiceComment(match.text) : undefined;
    if (comment !== undefined) return comment;
  }
  return undefined;
}
