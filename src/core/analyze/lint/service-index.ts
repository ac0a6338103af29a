import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import type { DumpView } from './dump-view.ts';
import { serviceCommentOf, type CommentTopic } from '../kube/service-comment.ts';
import { destinationAddress, destinationPort, jumpOf, matchOf, protocolOf } from './rule-facts.ts';
import { groupedBy } from './grouped.ts';
import type { TableView } from './table-view.ts';

/** An address, or every local one, and a port that lead to a chain of a service port. */
export interface Frontend {
  readonly kind: 'cluster-ip' | 'external-ip' | 'load-balancer-ip' | 'node-port' | 'address';
  /** Undefined for node ports. */
  readonly address: string | undefined;
  readonly port: number;
  /** IANA's number. */
  readonly protocol: number;
  /** The chain of the service port. */
  readonly chain: string;
  readonly from: 'KUBE-SERVICES' | 'KUBE-NODEPORTS';
  readonly rule: RulesetRule;
}

/** KUBE-SEP-...: where one endpoint's packets go. */
export interface EndpointChain {
  readonly chain: RulesetChain;
  /** `10.244.0.1:8080`, `[fd00::1]:80`; undefined where there is no plain DNAT. */
  readonly endpoint: string | undefined;
  readonly address: string | undefined;
  readonly dnat: RulesetRule | undefined;
}

/** A chain that chooses among endpoints. */
export interface Choice {
  readonly chain: RulesetChain;
  /** Rules that lead to endpoints, without those of session affinity. */
  readonly entries: readonly ChoiceEntry[];
  /** Rules that send a client where it was before. */
  readonly affinity: readonly RulesetRule[];
}

export interface ChoiceEntry {
  readonly rule: RulesetRule;
  readonly chain: string;
  /** Out of 2^31; undefined: always. */
  readonly threshold: number | undefined;
}

/** An address and port for which filter refuses or drops packets. */
export interface Refusal {
  readonly table: TableView;
  readonly chain: string;
  readonly rule: RulesetRule;
  readonly verdict: 'reject' | 'drop';
  /** Undefined for node ports. */
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: number;
  readonly service: string | undefined;
  /** As the comment says. */
  readonly reason: 'no-endpoints' | 'no-local-endpoints' | undefined;
}

const ENDPOINT = 'KUBE-SEP-';
const SERVICE = /^KUBE-(?:SVC|SVL|EXT|XLB|FW)-/;
const CHOICE = /^KUBE-(?:SVC|SVL|XLB)-/;
const SUFFIX = 16;

export function isEndpointChain(name: string): boolean {
  return name.startsWith(ENDPOINT);
}

/** A chain of one service port, not of an endpoint. */
export function isPortChain(name: string): boolean {
  return SERVICE.test(name);
}

export function frontendText({ address, port, protocol }: Pick<Frontend, 'address' | 'port' | 'protocol'>): string {
  const name = protocolName(protocol);
  if (address === undefined) return `node port ${port}/${name}`;
  return `${address.includes(':') ? `[${address}]` : address}:${port}/${name}`;
}

export function frontendKey({ address, port, protocol }: Pick<Frontend, 'address' | 'port' | 'protocol'>): string {
  return `${address ?? ''}|${port}|${protocol}`;
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);

export function protocolName(protocol: number): string {
  return PROTOCOLS.get(protocol) ?? String(protocol);
}

/**
 * The Services that the rules of the iptables mode serve, by what leads to what; written by kube-proxy of any version. For questions about
 * lines; what it all means together is decode's business.
 */
export class ServiceIndex {
  readonly nat: TableView | undefined;
  readonly frontends: readonly Frontend[];
  /** By the name of the chain. */
  readonly endpoints: ReadonlyMap<string, EndpointChain>;
  readonly choices: readonly Choice[];
  readonly refusals: readonly Refusal[];
  readonly #names: ReadonlyMap<string, string>;
  readonly #reached = new Map<string, readonly EndpointChain[]>();
  #byKey: ReadonlyMap<string, readonly Frontend[]> | undefined;

  constructor(dump: DumpView) {
    const nat = dump.table('nat');
    const chains = [...(nat?.chains.values() ?? [])];
    this.nat = nat;
    this.frontends =
      nat === undefined ? [] : [...frontendsIn(nat, 'KUBE-SERVICES'), ...frontendsIn(nat, 'KUBE-NODEPORTS')];
    this.endpoints = new Map(
      chains.filter(({ name }) => isEndpointChain(name)).map((chain) => [chain.name, endpointChain(chain)]),
    );
    this.choices = chains.filter(({ name }) => CHOICE.test(name)).flatMap((chain) => choiceOf(chain) ?? []);
    this.refusals = refusalsIn(dump.table('filter'));
    this.#names = namesOf(chains, this.frontends, this.choices);
  }

  /** `namespace/name:port` of the service port that a chain belongs to, as people write it. */
  serviceOf(chain: string): string | undefined {
    const name = this.rawName(chain);
    return name === undefined ? undefined : shownName(name);
  }

  /** The same as it is in comments and hashes. */
  rawName(chain: string): string | undefined {
    return this.#names.get(isEndpointChain(chain) ? chain : chain.slice(-SUFFIX));
  }

  /** For messages: the service port, or the chain where nothing says which it is. */
  label(chain: string): string {
    return this.serviceOf(chain) ?? chain;
  }

  /** The endpoints that a chain of a service port can lead to, each once, in the order of the rules. */
  endpointsOf(chain: string): readonly EndpointChain[] {
    const known = this.#reached.get(chain);
    if (known !== undefined) return known;
    const seen = new Set([chain]);
    const found = new Set<EndpointChain>();
    for (const name of seen) {
      for (const { rule } of this.nat?.rules(name) ?? []) {
        const to = jumpOf(rule);
        if (to === undefined) continue;
        const endpoint = this.endpoints.get(to);
        if (endpoint !== undefined) found.add(endpoint);
        else if (isPortChain(to)) seen.add(to);
      }
    }
    const list = [...found];
    this.#reached.set(chain, list);
    return list;
  }

  /** The frontends of an address and port; the first of them takes the packets. */
  frontendsAt(key: string): readonly Frontend[] {
    this.#byKey ??= groupedBy(this.frontends, frontendKey);
    return this.#byKey.get(key) ?? [];
  }
}

function frontendsIn(nat: TableView, from: Frontend['from']): readonly Frontend[] {
  const found: Frontend[] = [];
  for (const rule of nat.rules(from)) {
    const chain = jumpOf(rule.rule);
    if (chain === undefined || !isPortChain(chain)) continue;
    const port = destinationPort(rule.rule);
    const protocol = protocolOf(rule.rule);
    if (port === undefined || protocol === undefined) continue;
    const address = destinationAddress(rule.rule);
    if (from === 'KUBE-SERVICES' && address === undefined) continue;
    found.push({
      kind: kindOf(rule, from, chain),
      address: from === 'KUBE-SERVICES' ? address : undefined,
      port,
      protocol,
      chain,
      from,
      rule,
    });
  }
  return found;
}

function kindOf({ rule }: RulesetRule, from: Frontend['from'], chain: string): Frontend['kind'] {
  if (from === 'KUBE-NODEPORTS') return 'node-port';
  switch (serviceCommentOf(rule)?.topic) {
    case 'cluster-ip':
      return 'cluster-ip';
    case 'external-ip':
      return 'external-ip';
    case 'load-balancer-ip':
      return 'load-balancer-ip';
    default:
      if (/^KUBE-(?:SVC|SVL)-/.test(chain)) return 'cluster-ip';
      return chain.startsWith('KUBE-FW-') ? 'load-balancer-ip' : 'address';
  }
}

function endpointChain(chain: RulesetChain): EndpointChain {
  for (const rule of chain.rules) {
    const { target } = rule.rule;
    if (target.kind !== 'dnat') continue;
    const { addresses, ports } = target.to;
    const isPlain = addresses !== undefined && addresses.first === addresses.last && ports !== undefined;
    if (!isPlain) return { chain, endpoint: undefined, address: undefined, dnat: rule };
    const address = addresses.first;
    const endpoint = `${addresses.family === 'ipv6' ? `[${address}]` : address}:${ports.first}`;
    return { chain, endpoint, address, dnat: rule };
  }
  return { chain, endpoint: undefined, address: undefined, dnat: undefined };
}

function choiceOf(chain: RulesetChain): Choice | undefined {
  const entries: ChoiceEntry[] = [];
  const affinity: RulesetRule[] = [];
  for (const rule of chain.rules) {
    const to = jumpOf(rule.rule);
    if (to === undefined || !isEndpointChain(to)) continue;
    if (matchOf(rule.rule, 'recent') === undefined) {
      entries.push({ rule, chain: to, threshold: matchOf(rule.rule, 'statistic-random')?.threshold });
    } else affinity.push(rule);
  }
  return entries.length === 0 && affinity.length === 0 ? undefined : { chain, entries, affinity };
}

function refusalsIn(filter: TableView | undefined): readonly Refusal[] {
  if (filter === undefined) return [];
  const found: Refusal[] = [];
  for (const chain of ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES']) {
    for (const rule of filter.rules(chain)) {
      const { kind } = rule.rule.target;
      const port = destinationPort(rule.rule);
      const protocol = protocolOf(rule.rule);
      if ((kind !== 'reject' && kind !== 'drop') || port === undefined || protocol === undefined) continue;
      const comment = serviceCommentOf(rule.rule);
      const address = destinationAddress(rule.rule);
      const service = comment === undefined ? undefined : shownName(comment.written);
      found.push({
        table: filter,
        chain,
        rule,
        verdict: kind,
        address,
        port,
        protocol,
        service,
        reason: reasonOf(comment?.topic),
      });
    }
  }
  return found;
}

function reasonOf(topic: CommentTopic | undefined): Refusal['reason'] {
  return topic === 'no-endpoints' || topic === 'no-local-endpoints' ? topic : undefined;
}

/** The name as Kubernetes has it today: before 1.19 an unnamed port left a colon at the end. */
function shownName(written: string): string {
  return written.endsWith(':') ? written.slice(0, -1) : written;
}

/** By the 16 characters that all chains of a service port share, and by whole name for those of endpoints. */
function namesOf(
  chains: readonly RulesetChain[],
  frontends: readonly Frontend[],
  choices: readonly Choice[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const tell = (key: string, { rule }: RulesetRule): void => {
    if (names.has(key)) return;
    const comment = serviceCommentOf(rule);
    if (comment !== undefined) names.set(key, comment.written);
  };
  for (const { chain, rule } of frontends) tell(chain.slice(-SUFFIX), rule);
  // Old versions say it in these only.
  for (const { name, rules } of chains) {
    if (isPortChain(name) && !names.has(name.slice(-SUFFIX))) for (const rule of rules) tell(name.slice(-SUFFIX), rule);
    else if (isEndpointChain(name)) for (const rule of rules) tell(name, rule);
  }
  for (const { chain, entries } of choices) {
    const name = names.get(chain.name.slice(-SUFFIX));
    if (name === undefined) continue;
    for (const entry of entries) if (!names.has(entry.chain)) names.set(entry.chain, name);
  }
  return names;
}
