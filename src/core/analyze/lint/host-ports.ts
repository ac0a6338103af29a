// Rules of nat that see packets before KUBE-SERVICES does, and translate some.
import type { Match } from '../../ruleset/match.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';
import { asksForLocal, jumpOf } from './rule-facts.ts';
import type { TableView } from './table-view.ts';

/** The rules of a hook before its jump to KUBE-SERVICES; none where there is no jump. */
export function rulesBeforeServices(
  nat: TableView,
  hook: string,
): { readonly before: readonly RulesetRule[]; readonly jump: RulesetRule | undefined } {
  const rules = nat.rules(hook);
  const at = rules.findIndex(({ rule }) => jumpOf(rule) === 'KUBE-SERVICES');
  return { before: at === -1 ? [] : rules.slice(0, at), jump: rules[at] };
}

/** A rule that sends packets elsewhere, and whether only packets to the node's own addresses come to it. */
export interface Translation {
  readonly chain: string;
  readonly rule: RulesetRule;
  readonly onlyLocal: boolean;
}

interface Visit {
  readonly chain: string;
  readonly onlyLocal: boolean;
}

/**
 * The DNAT and REDIRECT rules that packets of all clients can come to before KUBE-SERVICES. What is for some of them only (sources,
 * interfaces, owners), or for other addresses than all local ones, is not followed: it may be meant to be so.
 */
export function translationsBefore(nat: TableView, hook: string): readonly Translation[] {
  const found: Translation[] = [];
  const queue: Visit[] = [];
  const look = (chain: string, rule: RulesetRule, onlyLocal: boolean): void => {
    const isLocal = onlyLocal || asksForLocal(rule.rule);
    const { target, destination } = rule.rule;
    const to = jumpOf(rule.rule);
    if (isForSome(rule.rule)) return;
    if (target.kind === 'dnat' || target.kind === 'redirect') found.push({ chain, rule, onlyLocal: isLocal });
    else if (to !== undefined && destination?.negated !== false) queue.push({ chain: to, onlyLocal: isLocal });
  };
  for (const rule of rulesBeforeServices(nat, hook).before) look(hook, rule, false);
  const seen = new Set<string>();
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { chain, onlyLocal } = next;
    const key = `${chain}|${String(onlyLocal)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const rule of nat.rules(chain)) look(chain, rule, onlyLocal);
  }
  return found;
}

const PLAIN: ReadonlySet<Match['kind']> = new Set(['tcp', 'udp', 'sctp', 'multiport', 'comment', 'nfacct']);

function isForSome({ source, inInterface, outInterface, matches, leftover }: Rule): boolean {
  const isOn = inInterface?.negated === false || outInterface?.negated === false;
  const isPlain = (match: Match): boolean =>
    PLAIN.has(match.kind) || (match.kind === 'addrtype' && match.source === undefined);
  return source !== undefined || isOn || leftover.length > 0 || !matches.every(isPlain);
}
