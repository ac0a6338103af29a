// What clues look for in rules: where something stands first, and what a rule has of its own. Lines count in the dump, from 1.
import { serviceChainRole, type ServiceChainRole } from '../kube/service-chain.ts';
import { parseServiceComment } from '../kube/service-comment.ts';
import type { ChainBook, Step } from './chain-book.ts';
import type { DecodedServicePort } from './decoded-rules.ts';

/** One kube-proxy writes all chains alike: so many tell what it does. */
const SAMPLE = 500;

export function chainOfRole(nat: ChainBook, role: ServiceChainRole): number | undefined {
  const [first] = nat.ofRole(role);
  return first === undefined ? undefined : nat.chains.get(first)?.line;
}

export function ruleIn(book: ChainBook, chain: string, fits: (step: Step) => boolean): number | undefined {
  return book.steps(chain)?.find(fits)?.at.line;
}

export function ruleOfRole(nat: ChainBook, role: ServiceChainRole, fits: (step: Step) => boolean): number | undefined {
  for (const name of nat.ofRole(role).slice(0, SAMPLE)) {
    const line = ruleIn(nat, name, fits);
    if (line !== undefined) return line;
  }
  return undefined;
}

export function markInEndpoint(nat: ChainBook): number | undefined {
  for (const name of nat.ofRole('endpoint').slice(0, SAMPLE)) {
    const found = nat.chains.get(name)?.rules.find(({ rule }) => rule.target.kind === 'mark');
    if (found !== undefined) return found.line;
  }
  return undefined;
}

export function hasNfacct({ at }: Step): boolean {
  return at.rule.matches.some(({ kind }) => kind === 'nfacct');
}

export function hasArrow({ at }: Step): boolean {
  return at.rule.matches.some((match) => match.kind === 'comment' && / -> \S+:\d+$/.test(match.text));
}

/** Comments of rules that lead to endpoints are left out in large clusters; where they are, they have the address since 1.24. */
export function hasBareName({ at }: Step): boolean {
  const { matches, target } = at.rule;
  if (target.kind !== 'jump' || serviceChainRole(target.chain) !== 'endpoint') return false;
  return matches.some((match) => match.kind === 'comment' && isBareName(match.text));
}

function isBareName(text: string): boolean {
  return !text.includes(' -> ') && parseServiceComment(text)?.topic === 'name';
}

export function unnamedPort({ at }: Step): 'with' | 'without' | undefined {
  for (const match of at.rule.matches) {
    if (match.kind !== 'comment') continue;
    if (/^[\w.-]+\/[\w.-]+: /.test(match.text)) return 'with';
    if (/^[\w.-]+\/[\w.-]+ (?:cluster|external|loadbalancer) IP$/.test(match.text)) return 'without';
  }
  return undefined;
}

export function refuses({ at: { rule } }: Step): boolean {
  return (
    rule.target.kind === 'reject' &&
    rule.matches.some((m) => m.kind === 'comment' && m.text.endsWith(' has no endpoints'))
  );
}

/** Of shares whose decimals do not end within five: halves, fifths ... are the same in both. */
export function lineOfPrecision(
  ports: readonly DecodedServicePort[],
  precision: 'kernel' | 'five-decimals',
): number | undefined {
  for (const { cluster, endpoints } of ports) {
    if (cluster === undefined || (100_000 % cluster.count === 0 && precision === 'kernel')) continue;
    if (serviceChainRole(cluster.chain) !== 'cluster') continue;
    const [first] = endpoints;
    if (first?.cluster?.precision === precision) return first.lines.at(-1);
  }
  return undefined;
}
