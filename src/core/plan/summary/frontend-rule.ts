import { targetOf, withoutQuoted } from '../rule-lines.ts';
import { serviceComment } from '../service-comment.ts';

/** A rule of a chain that lists service ports, as one of them sees it. */
export interface FrontendRule {
  readonly service: string;
  /** serves: to a chain of the service port. refuses: REJECT or DROP. guards: DROP what no source range lets in. checks: health checks. */
  readonly role: 'serves' | 'refuses' | 'guards' | 'checks';
  /** `clusterIP`, `nodePort` ...; empty where the rule does not say it. */
  readonly kind: string;
  /** `10.96.0.10:80/tcp`, `30080/tcp` */
  readonly address: string;
  readonly target: string;
  /** `no endpoints`, `no local endpoints` of a rule that refuses. */
  readonly why: string;
}

const ROLES: ReadonlyMap<string, FrontendRule['role']> = new Map([
  ['nat/KUBE-SERVICES', 'serves'],
  ['nat/KUBE-NODEPORTS', 'serves'],
  ['filter/KUBE-SERVICES', 'refuses'],
  ['filter/KUBE-EXTERNAL-SERVICES', 'refuses'],
  ['filter/KUBE-PROXY-FIREWALL', 'guards'],
  ['filter/KUBE-NODEPORTS', 'checks'],
]);

/** `table/chain` of the chains that list all service ports. */
export const LISTING_CHAINS: readonly string[] = [...ROLES.keys()];

const KINDS: ReadonlyMap<string, string> = new Map([
  ['cluster IP', 'clusterIP'],
  ['external IP', 'external IP'],
  ['loadbalancer IP', 'load balancer IP'],
]);

const KIND_ORDER: readonly string[] = ['clusterIP', 'external IP', 'load balancer IP', 'nodePort'];

/** The clusterIP first, then what is reached from outside. */
export function byKind(rules: readonly FrontendRule[]): readonly FrontendRule[] {
  const rank = ({ kind }: FrontendRule): number =>
    KIND_ORDER.includes(kind) ? KIND_ORDER.indexOf(kind) : KIND_ORDER.length;
  return [...rules].sort((a, b) => rank(a) - rank(b));
}

/** Undefined for a rule that names no service port. `key` is `table/chain`. */
export function readFrontendRule(key: string, line: string): FrontendRule | undefined {
  const role = ROLES.get(key);
  const comment = serviceComment(line);
  if (role === undefined || comment === undefined) return undefined;
  const why = comment.what.startsWith('has ') ? comment.what.slice('has '.length) : '';
  const kind = KINDS.get(comment.what) ?? OTHER_KINDS[role];
  return {
    service: comment.service,
    role,
    kind,
    why,
    // When they are asked for: of thousands of Services, forty are shown.
    get address(): string {
      return addressIn(withoutQuoted(line));
    },
    get target(): string {
      return targetOf(line) ?? 'nothing';
    },
  };
}

const OTHER_KINDS: Readonly<Record<FrontendRule['role'], string>> = {
  serves: 'nodePort',
  refuses: '',
  guards: '',
  checks: 'health check nodePort',
};

function addressIn(bare: string): string {
  const host = / (!?) ?-d (\S+)/.exec(bare);
  const protocol = / -p (\S+)/.exec(bare)?.[1] ?? 'any';
  const port = / --dport (\S+)/.exec(bare)?.[1] ?? 'any';
  if (host === null) return `${port}/${protocol}`;
  const address = `${host[1] ?? ''}${(host[2] ?? '').replace(/\/(?:32|128)$/, '')}`;
  return `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
}
