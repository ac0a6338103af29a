import { serviceChainRole } from '../kube/service-chain.ts';
import { CERTAIN, sum } from './chance.ts';
import type { Step } from './chain-book.ts';
import type { EndpointChoice, SourceClass } from './decoded-rules.ts';
import type { PortDraft } from './drafts.ts';
import { endpointRule, type EndpointRules } from './endpoint-chain.ts';
import type { Outcome } from './outcome.ts';
import { shareOf, type Share } from './share.ts';
import type { ChainWalker } from './walk-chain.ts';

/** A chain that chooses among endpoints, and for whom where that makes a difference. */
export interface Chooser {
  readonly chain: string;
  readonly source: SourceClass;
}

export interface Choosers {
  readonly cluster: Chooser | undefined;
  readonly local: Chooser | undefined;
}

/**
 * Which chain chooses for which policy. kube-proxy's chains say it by their names. For others: what packets from elsewhere meet is the
 * policy Local, if the node itself is served by other endpoints.
 */
export function findChoosers(port: PortDraft, chains: readonly string[], walker: ChainWalker): Choosers {
  const named = (...roles: readonly string[]): Chooser | undefined => {
    const chain = chains.find((name) => roles.includes(serviceChainRole(name) ?? ''));
    return chain === undefined ? undefined : { chain, source: 'outside' };
  };
  const cluster = named('cluster');
  const local = named('local', 'old-external');
  if (cluster !== undefined || local !== undefined) return { cluster, local };
  for (const { balance } of port.frontends.values()) {
    for (const { step } of balance) {
      const { target } = step.at.rule;
      if (target.kind !== 'jump' && target.kind !== 'goto') continue;
      if (walker.endpoint(target.chain) === undefined) return choosersOf(target.chain, walker);
    }
  }
  return { cluster: undefined, local: undefined };
}

function choosersOf(chain: string, walker: ChainWalker): Choosers {
  const [node, outside] = (['node', 'outside'] as const).map((source) => walker.outcome(chain, source).picks);
  if (node === undefined || outside === undefined) return { cluster: undefined, local: undefined };
  const chooser = (picks: Outcome['picks'], source: SourceClass): Chooser => {
    const vias = new Set([...picks.values()].map(({ via }) => via));
    const [only = chain, ...more] = vias;
    return { chain: more.length === 0 ? only : chain, source };
  };
  if (node.size === 0)
    return { cluster: outside.size === 0 ? undefined : chooser(outside, 'outside'), local: undefined };
  const isSame = node.size === outside.size && [...node.keys()].every((key) => outside.has(key));
  return {
    cluster: chooser(node, 'node'),
    local: isSame || outside.size === 0 ? undefined : chooser(outside, 'outside'),
  };
}

export interface ChosenEndpoint {
  readonly endpoint: EndpointRules;
  /** Undefined for one that only clients are sent to who were there before. */
  readonly share: Share | undefined;
  /** The rules that lead to it. */
  lines: number[];
  /** The address in a comment that leads to it. */
  comment: string | undefined;
}

export interface Choice {
  readonly told: EndpointChoice;
  readonly endpoints: ReadonlyMap<string, ChosenEndpoint>;
}

export function readChoice({ chain, source }: Chooser, walker: ChainWalker): Choice {
  const outcome = walker.outcome(chain, source);
  const count = outcome.picks.size;
  const endpoints = new Map<string, ChosenEndpoint>();
  const through = new Set([chain]);
  for (const { endpoint, chance, via } of outcome.picks.values()) {
    if (via !== chain) through.add(via);
    endpoints.set(endpoint.key, { endpoint, share: shareOf(chance, count), lines: [], comment: undefined });
  }
  for (const name of through) {
    for (const { endpoint, step } of walker.sorted(name).moves) {
      if (endpoint?.chain !== undefined) addLine(endpoints, endpoint, step);
    }
  }
  return { told: { chain, count, lost: lostOf(outcome) }, endpoints };
}

function addLine(endpoints: Map<string, ChosenEndpoint>, endpoint: EndpointRules, step: Step): void {
  const known = endpoints.get(endpoint.key) ?? { endpoint, share: undefined, lines: [], comment: undefined };
  endpoints.set(endpoint.key, known);
  // One, nearly always: a list that grows has room for 17.
  if (known.lines.length === 0) known.lines = [step.at.line];
  else known.lines.push(step.at.line);
  if (endpoint.text !== undefined) return;
  known.comment ??= step.at.rule.matches
    .map((match) => (match.kind === 'comment' ? / -> (\S+)$/.exec(match.text)?.[1] : undefined))
    .find((text) => text !== undefined);
}

function lostOf({ rest, dropped, accepted }: Outcome): Share | undefined {
  const lost = sum(sum(rest, dropped), accepted);
  return lost === undefined ? undefined : shareOf(lost, 0);
}

/** Of rules that send packets to an endpoint at once, from the chain that lists all Services. */
export function directChoice({ frontends }: PortDraft, walker: ChainWalker): Choice | undefined {
  const endpoints = new Map<string, ChosenEndpoint>();
  let chain: string | undefined;
  for (const { balance } of frontends.values()) {
    for (const rule of balance) {
      const { target } = rule.step.at.rule;
      const isJump = target.kind === 'jump' || target.kind === 'goto';
      const endpoint = isJump ? walker.endpoint(target.chain) : endpointRule(rule.step);
      if (endpoint === undefined || endpoints.has(endpoint.key)) continue;
      chain ??= rule.chain;
      const lines = isJump ? [rule.step.at.line] : [];
      endpoints.set(endpoint.key, { endpoint, share: shareOf(CERTAIN, 1), lines, comment: undefined });
    }
  }
  // Of several, each has frontends of its own: no part of all connections can be told.
  if (chain === undefined || endpoints.size !== 1) return undefined;
  return { told: { chain, count: 1, lost: undefined }, endpoints };
}
