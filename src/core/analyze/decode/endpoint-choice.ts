import { serviceChainOf } from '../kube/service-chain.ts';
import { sum } from './chance.ts';
import type { Step } from './chain-book.ts';
import type { EndpointChoice } from './decoded-rules.ts';
import type { PortDraft } from './drafts.ts';
import type { EndpointRules } from './endpoint-chain.ts';
import type { Outcome } from './outcome.ts';
import { shareOf, type Share } from './share.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

/** Which chain chooses for which policy. */
export interface ChoosingChains {
  readonly cluster: string | undefined;
  readonly local: string | undefined;
}

/**
 * kube-proxy's chains say it by their names. For others: what packets from elsewhere to external addresses meet is the policy Local, if the
 * node itself, or the cluster IP, is served by another chain.
 */
export function choosingChains(port: PortDraft, chains: readonly string[], walker: ChainWalker): ChoosingChains {
  const named = (...roles: readonly string[]): string | undefined =>
    chains.find((chain) => roles.includes(serviceChainOf(chain)?.role ?? ''));
  const cluster = named('cluster');
  const local = named('local', 'old-external');
  if (cluster !== undefined || local !== undefined) return { cluster, local };
  const firstVia = (source: 'node' | 'outside'): string | undefined => {
    for (const { balance } of port.frontends.values()) {
      for (const { step } of balance) {
        const { target } = step.at.rule;
        if (target.kind !== 'jump' && target.kind !== 'goto') continue;
        const [first] = walker.outcome(target.chain, source).picks.values();
        if (first !== undefined) return first.via;
      }
    }
    return undefined;
  };
  const [node, outside] = [firstVia('node'), firstVia('outside')];
  return { cluster: node ?? outside, local: node === undefined || outside === node ? undefined : outside };
}

export interface ChosenEndpoint {
  readonly endpoint: EndpointRules;
  /** Undefined for one that only clients are sent to who were there before. */
  readonly share: Share | undefined;
  /** The rules that lead to it. */
  readonly lines: number[];
  /** The address in a comment that leads to it. */
  comment: string | undefined;
}

export interface Choice {
  readonly told: EndpointChoice;
  readonly endpoints: ReadonlyMap<string, ChosenEndpoint>;
}

export function readChoice(chain: string, terrain: Terrain, walker: ChainWalker): Choice {
  const outcome = walker.outcome(chain, 'outside');
  const count = outcome.picks.size;
  const endpoints = new Map<string, ChosenEndpoint>();
  for (const { endpoint, chance } of outcome.picks.values()) {
    endpoints.set(endpoint.key, { endpoint, share: shareOf(chance, count), lines: [], comment: undefined });
  }
  const through = new Set([chain, ...[...outcome.picks.values()].map(({ via }) => via)]);
  for (const name of through) {
    for (const step of terrain.nat.steps(name) ?? []) addLine(endpoints, step, walker);
  }
  return { told: { chain, count, lost: lostOf(outcome) }, endpoints };
}

function addLine(endpoints: Map<string, ChosenEndpoint>, step: Step, walker: ChainWalker): void {
  const { target } = step.at.rule;
  if (target.kind !== 'jump' && target.kind !== 'goto') return;
  const endpoint = walker.endpoint(target.chain);
  if (endpoint === undefined) return;
  const known = endpoints.get(endpoint.key) ?? { endpoint, share: undefined, lines: [], comment: undefined };
  endpoints.set(endpoint.key, known);
  known.lines.push(step.at.line);
  known.comment ??= step.at.rule.matches
    .map((match) => (match.kind === 'comment' ? / -> (\S+)$/.exec(match.text)?.[1] : undefined))
    .find((text) => text !== undefined);
}

function lostOf({ rest, dropped, accepted }: Outcome): Share | undefined {
  const lost = sum(sum(rest, dropped), accepted);
  return lost === undefined ? undefined : shareOf(lost, 0);
}
