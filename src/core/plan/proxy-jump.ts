import type { Match } from '../ruleset/match.ts';
import type { Rule } from '../ruleset/rule.ts';
import { isEntryChain } from '../ruleset/owned-chains.ts';

/**
 * Whether a rule of a built-in chain is a jump as kube-proxy of some version writes it: to a chain that it enters by, without conditions but new
 * connections (since 1.18 or so, by chain) and the node's own addresses. People write rules that lead into its chains as well, for one address
 * or one client: these are theirs.
 */
export function isProxyJump(table: string, rule: Rule): boolean {
  const { target, matches } = rule;
  if (target.kind !== 'jump' || !isEntryChain(table, target.chain) || rule.leftover.length > 0) return false;
  const conditions = [rule.source, rule.destination, rule.inInterface, rule.outInterface, rule.protocol, rule.fragment];
  return conditions.every((condition) => condition === undefined) && matches.every(isUsual);
}

function isUsual(match: Match): boolean {
  if (match.kind === 'comment') return true;
  if (match.kind === 'conntrack') {
    const { kind: _, spelling: __, states, ...others } = match;
    return isOnly(states, 'NEW') && Object.values(others).every((value) => value === undefined);
  }
  if (match.kind !== 'addrtype') return false;
  return isOnly(match.destination, 'LOCAL') && match.source === undefined && match.limitInterface === undefined;
}

function isOnly(
  names: { readonly negated: boolean; readonly values: readonly string[] } | undefined,
  name: string,
): boolean {
  return names?.negated === false && names.values.length === 1 && names.values[0] === name;
}
