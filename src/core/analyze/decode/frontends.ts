import { serviceChainRole } from '../kube/service-chain.ts';
import { sortedBy } from '../../util/order.ts';
import type { DecodedFrontend, DecodedRefusal, FrontendKind, FrontendRoute, SourceClass } from './decoded-rules.ts';
import type { DispatchRule } from './dispatch.ts';
import type { FrontendDraft, PortDraft } from './drafts.ts';
import type { Choice } from './endpoint-choice.ts';
import { masqueradeOf } from './masquerade.ts';
import type { Outcome } from './outcome.ts';
import { sortedLines, unique } from './unique.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

const KINDS: readonly FrontendKind[] = ['cluster-ip', 'external-ip', 'load-balancer-ip', 'external', 'node-port'];

export interface FrontendContext {
  readonly terrain: Terrain;
  readonly walker: ChainWalker;
  readonly cluster: Choice | undefined;
  readonly local: Choice | undefined;
  /** Of a chain that lists Services. */
  readonly cutOff: (list: string) => DecodedFrontend['cutOff'];
}

export function decodeFrontends(port: PortDraft, context: FrontendContext): readonly DecodedFrontend[] {
  const drafts = [...port.frontends.values()];
  let hasClusterIp = drafts.length > 1 && drafts.some((draft) => kindOf(draft, false) === 'cluster-ip');
  const decoded = drafts.map((draft) => {
    const kind = kindOf(draft, !hasClusterIp);
    if (kind === 'cluster-ip') hasClusterIp = true;
    return decodeFrontend(draft, kind, context);
  });
  if (decoded.length < 2) return decoded;
  return sortedBy(
    decoded,
    ({ kind }) => KINDS.indexOf(kind),
    ({ address }) => address ?? '',
    ({ port: number }) => number ?? 0,
  );
}

/** @param mayBeClusterIp of an address without endpoints, in the chain that has those of cluster IPs first */
function kindOf(
  { destination, balance, masquerade, refuse, proxy }: FrontendDraft,
  mayBeClusterIp: boolean,
): FrontendKind {
  if (destination.isNodePort) return 'node-port';
  for (const { comment, chain } of [...balance, ...masquerade, ...refuse]) {
    if (comment?.topic === 'cluster-ip' || comment?.topic === 'external-ip' || comment?.topic === 'load-balancer-ip') {
      return comment.topic;
    }
    if (chain === 'KUBE-PROXY-FIREWALL') return 'load-balancer-ip';
  }
  const [first] = balance;
  const target = first?.step.at.rule.target;
  if (target?.kind === 'jump' || target?.kind === 'goto') {
    const role = serviceChainRole(target.chain);
    if (role === 'firewall') return 'load-balancer-ip';
    if (role === 'external' || role === 'old-external') return 'external';
    return 'cluster-ip';
  }
  if (first !== undefined) return 'cluster-ip';
  if (proxy.length > 0) return mayBeClusterIp ? 'cluster-ip' : 'external';
  return mayBeClusterIp && refuse.some(({ chain }) => chain !== 'KUBE-EXTERNAL-SERVICES') ? 'cluster-ip' : 'external';
}

/** With routes as they are for the packets that come to the rules, which may be none. */
export function withCutOff(frontend: DecodedFrontend): DecodedFrontend {
  if (frontend.cutOff === undefined) return frontend;
  const route: FrontendRoute = frontend.refusal?.verdict ?? 'none';
  return { ...frontend, routes: { pod: route, node: route, outside: route } };
}

function decodeFrontend(draft: FrontendDraft, kind: FrontendKind, context: FrontendContext): DecodedFrontend {
  const { destination, balance, masquerade, refuse, proxy, shadowedBy } = draft;
  const rules = [...balance, ...masquerade, ...refuse, ...proxy.map(({ rule }) => rule)];
  const proxyPort = proxy[0]?.port;
  const refusal = refusalOf(refuse);
  const chain = balance.map(({ step }) => chainOf(step.at.rule.target)).find((name) => name !== undefined);
  const lists = balance.map((rule) => context.cutOff(rule.chain));
  const cutOff = lists.includes(undefined) ? undefined : lists[0];
  const route = (source: SourceClass): FrontendRoute =>
    chain === undefined && proxyPort !== undefined ? 'proxy' : routeOf(balance, source, refusal, context);
  return {
    kind,
    address: destination.address,
    port: destination.port,
    chain,
    refusal,
    proxyPort,
    masquerade: masqueradeOf(draft, context.terrain, context.walker),
    routes: { pod: route('pod'), node: route('node'), outside: route('outside') },
    conditions: conditionsOf(balance.length > 0 ? balance : rules),
    lines: sortedLines(rules.map(({ step }) => step.at.line)),
    shadowedBy,
    cutOff,
    sets: undefined,
  };
}

type RuleTarget = DispatchRule['step']['at']['rule']['target'];

function chainOf(target: RuleTarget): string | undefined {
  return target.kind === 'jump' || target.kind === 'goto' ? target.chain : undefined;
}

/** None if some rule has none: then all packets are taken. */
function conditionsOf(rules: readonly DispatchRule[]): readonly string[] {
  if (rules.some(({ conditions }) => conditions.length === 0)) return [];
  return unique(rules.map(({ conditions }) => conditions.join(' ')));
}

function refusalOf(rules: readonly DispatchRule[]): DecodedRefusal | undefined {
  const [first] = rules;
  if (first === undefined) return undefined;
  const verdict = rules.some(({ step }) => step.at.rule.target.kind === 'reject') ? 'reject' : 'drop';
  const topics = rules.map(({ comment }) => comment?.topic);
  const reason = topics.find((topic) => topic === 'no-endpoints' || topic === 'no-local-endpoints');
  return {
    verdict,
    reason: reason ?? (rules.some(isFirewall) ? 'source-ranges' : undefined),
    lines: sortedLines(rules.map(({ step }) => step.at.line)),
  };
}

/** Drops what no source range let pass. */
export function isFirewall({ comment, chain }: DispatchRule): boolean {
  return comment?.topic === 'firewall' || chain === 'KUBE-PROXY-FIREWALL';
}

function routeOf(
  balance: readonly DispatchRule[],
  source: SourceClass,
  refusal: DecodedRefusal | undefined,
  context: FrontendContext,
): FrontendRoute {
  const refused: FrontendRoute = refusal === undefined ? 'none' : refusal.verdict;
  const [first] = balance;
  if (first === undefined) return refused;
  const chain = chainOf(first.step.at.rule.target);
  if (chain === undefined) return 'cluster';
  const { walker } = context;
  const endpoint = walker.endpoint(chain);
  if (endpoint !== undefined) return 'cluster';
  const outcome = walker.outcome(chain, source);
  if (outcome.picks.size === 0) return outcome.dropped !== undefined && outcome.rest === undefined ? 'drop' : refused;
  return routeOfPicks(outcome, context);
}

function routeOfPicks(outcome: Outcome, { cluster, local }: FrontendContext): FrontendRoute {
  if (outcome.rest !== undefined || outcome.dropped !== undefined || outcome.accepted !== undefined) return 'mixed';
  const picks = [...outcome.picks.values()];
  const chose = (choice: Choice | undefined): boolean => picks.every(({ via }) => via === choice?.told.chain);
  const holds = (choice: Choice | undefined): boolean =>
    picks.every(({ endpoint }) => choice?.endpoints.has(endpoint.key) === true);
  if (chose(cluster)) return 'cluster';
  if (chose(local)) return 'local';
  // Chains behind the one that is told of have chosen.
  if (holds(local) && local?.told.count === picks.length) return 'local';
  return holds(cluster) ? 'cluster' : 'mixed';
}
