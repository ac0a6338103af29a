// What is left when everything that is understood has been told.
import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import type { Ruleset, RulesetRule } from '../../ruleset/ruleset.ts';
import { sortedBy } from '../../util/order.ts';
import { programOf } from '../kube/programs.ts';
import type { ChainBook, Step } from './chain-book.ts';
import type { NotDecodedRule, UnreachedChain } from './decoded-rules.ts';
import { isFixedRule } from './fixed-rules.ts';
import { IPVS_CHAINS } from './ipvs.ts';
import { USERSPACE_ENTRIES } from './userspace.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

export interface LeftOver {
  /** Rules of chains that list Services, which are of none. */
  readonly others: readonly Step[];
  readonly walker: ChainWalker;
  readonly terrain: Terrain;
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

function addOfBook(book: ChainBook, { walker, terrain }: LeftOver, add: (step: Step, reason: string) => void): void {
  const isNat = book.table === 'nat';
  for (const name of isNat ? book.ofRole('endpoint') : []) {
    for (const step of walker.endpoint(name)?.odd ?? []) add(step, 'the chain of an endpoint has no such rule');
  }
  for (const role of isNat ? PORT_ROLES : [...PORT_ROLES, 'endpoint' as const]) {
    for (const step of book.ofRole(role).flatMap((name) => book.steps(name) ?? [])) {
      if (!isNat || isOdd(step, terrain)) add(step, 'the chain of a Service has no such rule');
    }
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

const PORT_ROLES = ['cluster', 'local', 'external', 'old-external', 'firewall'] as const;

/** Sets a mark that means nothing to kube-proxy. */
function isOdd(step: Step, terrain: Terrain): boolean {
  const { kind } = step.at.rule.target;
  if (kind === 'connmark' || kind === 'opaque') return true;
  return kind === 'mark' && !terrain.masquerades(step) && !terrain.drops(step);
}

/** Chains of service ports and endpoints that jumps from built-in chains do not lead to. */
export function unreachedChains({ chains, table, ofRole }: ChainBook): readonly UnreachedChain[] {
  const endpoints = new Set(ofRole('endpoint'));
  const reached = new Set<string>(['KUBE-SERVICES', 'KUBE-NODEPORTS', ...ofRole(undefined).filter(isBuiltIn)]);
  // Grows while it is read.
  for (const name of reached) {
    if (endpoints.has(name)) continue;
    for (const { rule } of chains.get(name)?.rules ?? []) {
      if (rule.target.kind === 'jump' || rule.target.kind === 'goto') reached.add(rule.target.chain);
    }
  }
  const own = [...PORT_ROLES, 'endpoint' as const].flatMap((role) => ofRole(role));
  const left = own.filter((name) => !reached.has(name)).flatMap((name) => chains.get(name) ?? []);
  return sortedBy(
    left.map(({ name, line, rules }) => ({ table, name, line, rules: rules.map((rule) => rule.line) })),
    ({ line }) => line,
  );
}
