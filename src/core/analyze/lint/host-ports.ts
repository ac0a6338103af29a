// Rules of nat that see packets before KUBE-SERVICES does, and translate some.
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

/** The DNAT and REDIRECT rules that packets can come to before KUBE-SERVICES. */
export function translationsBefore(nat: TableView, hook: string): readonly Translation[] {
  const found: Translation[] = [];
  const seen = new Set<string>();
  const look = (
    chain: string,
    rule: RulesetRule,
    onlyLocal: boolean,
    queue: { chain: string; onlyLocal: boolean }[],
  ): void => {
    const isLocal = onlyLocal || asksForLocal(rule.rule);
    const { target } = rule.rule;
    const to = jumpOf(rule.rule);
    if (to !== undefined) queue.push({ chain: to, onlyLocal: isLocal });
    else if (target.kind === 'dnat' || target.kind === 'redirect') found.push({ chain, rule, onlyLocal: isLocal });
  };
  const queue: { chain: string; onlyLocal: boolean }[] = [];
  for (const rule of rulesBeforeServices(nat, hook).before) look(hook, rule, false, queue);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const key = `${next.chain}|${String(next.onlyLocal)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const rule of nat.rules(next.chain)) look(next.chain, rule, next.onlyLocal, queue);
  }
  return found;
}
