// What is left when everything that is understood has been told.
import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import type { Ruleset, RulesetRule } from '../../ruleset/ruleset.ts';
import { sortedBy } from '../../util/order.ts';
import { serviceChainRole } from '../kube/service-chain.ts';
import { programOf } from '../kube/programs.ts';
import type { ChainBook, Step } from './chain-book.ts';
import type { DecodedServicePort, NotDecodedRule, UnreachedChain } from './decoded-rules.ts';
import { isFixedRule } from './fixed-rules.ts';
import { IPVS_CHAINS } from './ipvs/ipvs-rules.ts';
import { USERSPACE_ENTRIES } from './userspace.ts';
import type { ChainWalker } from './walk-chain.ts';

export interface LeftOver {
  /** Rules of chains that list Services, which are of none. */
  readonly others: readonly Step[];
  readonly walker: ChainWalker;
  readonly books: readonly ChainBook[];
  /** Rules that are told of otherwise. */
  readonly told: ReadonlySet<RulesetRule>;
}

/** Chains whose rules are taken one by one when Services are gathered. */
const LISTS: ReadonlySet<string> = new Set([
  'nat/KUBE-SERVICES',
  'nat/KUBE-NODEPORTS',
  'filter/KUBE-SERVICES',
  'filter/KUBE-EXTERNAL-SERVICES',
  'filter/KUBE-PROXY-FIREWALL',
  'filter/KUBE-NODEPORTS',
  ...USERSPACE_ENTRIES.map((chain) => `nat/${chain}`),
]);

export function notDecoded(ruleset: Ruleset, left: LeftOver): readonly NotDecodedRule[] {
  const reasons = new Map<RulesetRule, string>();
  const add = (step: Step, reason: string): void => {
    if (left.told.has(step.at) || reasons.has(step.at)) return;
    const { target, leftover } = step.at.rule;
    reasons.set(step.at, target.kind === 'opaque' || leftover.length > 0 ? 'it cannot be read' : reason);
  };
  for (const step of left.others) add(step, 'it names no address and port of a Service in a way that is known');
  for (const [step, reason] of left.walker.skipped) add(step, reason);
  for (const book of left.books) addOfBook(book, left, add);
  const found: NotDecodedRule[] = [];
  if (reasons.size === 0) return found;
  for (const { name: table, chains } of ruleset.tables) {
    for (const { name: chain, rules } of chains.values()) {
      for (const at of rules) {
        const reason = reasons.get(at);
        if (reason !== undefined) found.push({ table, chain, line: at.line, text: at.rule.text, reason });
      }
    }
  }
  return sortedBy(found, ({ line }) => line);
}

function addOfBook(book: ChainBook, { walker }: LeftOver, add: (step: Step, reason: string) => void): void {
  const isNat = book.table === 'nat';
  for (const name of isNat ? book.ofRole('endpoint') : []) {
    for (const step of walker.endpoint(name)?.odd ?? []) add(step, 'the chain of an endpoint has no such rule');
  }
  for (const name of (isNat ? PORT_ROLES : [...PORT_ROLES, 'endpoint' as const]).flatMap((role) => book.ofRole(role))) {
    const odd = isNat ? walker.sorted(name).odd : (book.steps(name) ?? []);
    for (const step of odd) add(step, 'the chain of a Service has no such rule');
  }
  for (const name of book.ofRole(undefined)) {
    const key = `${book.table}/${name}`;
    if (!name.startsWith('KUBE-') || LISTS.has(key)) continue;
    const isIpvs = IPVS_CHAINS.has(key);
    if (!isIpvs && programOf(name) !== undefined) continue;
    for (const step of book.steps(name) ?? []) {
      if (isIpvs) add(step, 'the IPVS mode has no such rule');
      else if (isFixedRule(book.table, name, step) !== true)
        add(step, 'no version of kube-proxy has such a rule in this chain');
    }
  }
}

export const PORT_ROLES = ['cluster', 'local', 'external', 'old-external', 'firewall'] as const;

/** Chains of service ports and endpoints that jumps from built-in chains do not lead to, or only by rules that are not understood. */
export function unreachedChains(
  book: ChainBook,
  ports: readonly DecodedServicePort[],
  walker: ChainWalker,
): readonly UnreachedChain[] {
  const { chains, table, ofRole, lines } = book;
  const reached = reachedChains(book);
  const unreached = PORT_ROLES.flatMap((role) => ofRole(role)).filter((name) => !reached.has(name));
  // Where all chains that choose endpoints are reached, so are all endpoints that have been met on the way.
  const isTold =
    unreached.length === 0 ? (name: string): boolean => walker.hasMet(name) : isIn(endpointsOf(ports, reached));
  const left = [...unreached, ...ofRole('endpoint').filter((name) => !isTold(name))];
  return sortedBy(
    left.map((name) => ({ table, name, line: chains.get(name)?.line ?? 0, rules: lines(name) })),
    ({ line }) => line,
  );
}

function isIn(names: ReadonlySet<string>): (name: string) => boolean {
  return (name) => names.has(name);
}

/** Those that some chain chooses that is reached. */
function endpointsOf(ports: readonly DecodedServicePort[], reached: ReadonlySet<string>): ReadonlySet<string> {
  const told = new Set<string>();
  for (const { endpoints, cluster, local } of ports) {
    const isCluster = cluster !== undefined && reached.has(cluster.chain);
    const isLocal = local !== undefined && reached.has(local.chain);
    for (const endpoint of endpoints) {
      const { chain } = endpoint;
      const isLed = endpoint.cluster !== undefined || endpoint.local === undefined ? isCluster : isLocal;
      if (chain !== undefined && (isLed || (isLocal && endpoint.local !== undefined))) told.add(chain);
    }
  }
  return told;
}

/** Without those of endpoints, which are most of all: the chains that choose them tell of them. */
function reachedChains({ ofRole, targets }: ChainBook): ReadonlySet<string> {
  const reached = new Set<string>(['KUBE-SERVICES', 'KUBE-NODEPORTS', ...ofRole(undefined).filter(isBuiltIn)]);
  // Grows while it is read.
  for (const name of reached) {
    for (const target of targets(name)) if (serviceChainRole(target) !== 'endpoint') reached.add(target);
  }
  return reached;
}
