// The names of chains are hashes, so the comments that kube-proxy writes are the only place that says which Service a rule is for.
import type { Rule } from '../../ruleset/rule.ts';

/** kube-proxy before 1.19 wrote a colon behind the name of a Service whose port has no name. */
const NAME = String.raw`([\w.-]+/[\w.-]+(?::[\w.-]+)?):?`;

/** What stands before and behind the name, in all versions since 1.1. */
const FORMS: readonly RegExp[] = [
  new RegExp(
    `^${NAME}(?: (cluster IP|external IP|loadbalancer IP|has no endpoints|has no local endpoints|health check node port|loadbalancer health check|traffic not accepted by KUBE-FW-\\w+|-> \\S+))?$`,
  ),
  new RegExp(
    `^(?:masquerade(?: LOCAL)? traffic for|route LOCAL traffic for|pod traffic for|other traffic to) ${NAME}(?: .*)?$`,
  ),
  new RegExp(`^Redirect pods trying to reach external loadbalancer VIP to clusterIP of ${NAME}$`),
  new RegExp(`^Balancing rule \\d+ for ${NAME}$`),
];

export interface ServiceComment {
  /** `namespace/name:port`, or `namespace/name` of a port without a name. */
  readonly service: string;
  /** `cluster IP`, `has no endpoints` ...; empty if nothing stands behind the name. */
  readonly what: string;
}

export function commentOf({ matches }: Rule): string | undefined {
  const texts = matches.flatMap((match) => (match.kind === 'comment' ? [match.text] : []));
  return texts.length === 0 ? undefined : texts.join('; ');
}

export function serviceComment(rule: Rule): ServiceComment | undefined {
  for (const match of rule.matches) {
    if (match.kind !== 'comment') continue;
    for (const form of FORMS) {
      const found = form.exec(match.text);
      if (found !== null) return { service: found[1] ?? '', what: found[2] ?? '' };
    }
  }
  return undefined;
}

const SERVICE_CHAIN = /^KUBE-(SVC|SVL|SEP|FW|EXT|XLB)-/;

/** Which of kube-proxy's chains of a service port it is; undefined if it is none. */
export function serviceChainKind(chain: string): 'SVC' | 'SVL' | 'SEP' | 'FW' | 'EXT' | 'XLB' | undefined {
  const [, kind] = SERVICE_CHAIN.exec(chain) ?? [];
  return kind === 'SVC' || kind === 'SVL' || kind === 'SEP' || kind === 'FW' || kind === 'EXT' || kind === 'XLB'
    ? kind
    : undefined;
}
